'use strict';
// All that the annotators' page and the server's overview say. To translate them, replace this file.
// {n} and other words in braces are filled in; where a text has forms, `n` chooses one, by the names
// that Intl.PluralRules has for the language.

const texts = {
  language: 'en',

  // What the page shows.
  unitName: '{layer}, unit {unit}',
  titleOf: '{layer}, unit {unit} of {network}',
  answered: '{n} of {total} answered',
  answeredShared: '{n} of {total} done, {own} by you',
  answeredAlready: 'You answered this one; another answer replaces it.',
  skippedAlready: 'You skipped this one: {reason}. An answer replaces that.',
  changeName: 'Annotator: {name}. Change the name',
  showKeys: 'Keys',
  progress: 'Progress',
  images: 'Images of this unit',
  crossedCount: '{n} crossed out',
  howTo: 'Name what most images show in their bright part, then cross out each image that does not.',
  loadingImages: 'Loading the images …',
  noImages: 'The images of this unit cannot be loaded. Reload the page to try again.',
  image: 'Image {n}',
  imageCrossed: 'Image {n}, crossed out',
  imageOf: 'Image {n} of {total}',
  imageOfCrossed: 'Image {n} of {total}, crossed out',

  // The answer.
  answer: 'Your answer',
  concept: 'What do most images show?',
  suggestions: 'Suggestions',
  group: 'What kind of thing is that?',
  submit: 'Submit',
  skip: 'Skip',
  undo: 'Undo',
  redo: 'Redo',
  previous: 'Previous',
  next: 'Next',
  unfinished: 'Next open',
  goBack: 'Go back to it',

  // What is said of it.
  needLabel: 'Write what most of the images show.',
  needGroup: 'Choose what kind of thing it is.',
  refused:
      'Not accepted: some images that clearly do not belong are left. Look at all again and cross those out.',
  refusedElsewhere:
      'Your answer to {unit} was not accepted: some images that clearly do not belong are left.',
  failed: 'Your answer to {unit} was not accepted: {message}',
  accepted: 'Answer saved.',
  skippedNow: 'Skipped.',
  undone: 'Undone.',
  redone: 'Done again.',
  nothingToUndo: 'Nothing to undo.',
  nothingToRedo: 'Nothing to do again.',
  finished: 'You have answered all there is. Thank you!',
  finishedHere: 'You have answered all there is. Thank you! Download your answers and hand them in.',
  noOther: 'No other unit is open.',
  noOtherHandedOut: 'The server has no other unit for you: answer this one, or skip it.',
  noPrevious: 'This is the first.',
  noNext: 'This is the last.',

  // Where answers are.
  saving: 'Saving …',
  saved: 'Saved',
  savedHere: 'Saved in this browser',
  notKept: 'This browser keeps nothing: do not close the page before you have submitted',
  notSaved: 'This browser keeps nothing: download your answers before you close the page',
  waiting: {
    one: '{n} answer not sent yet, trying again',
    other: '{n} answers not sent yet, trying again',
  },
  failedTotal: {one: '{n} answer not accepted', other: '{n} answers not accepted'},
  later: 'The answer is not sent yet; stay until it is.',
  needLink: 'The server does not know you: open the link with the token that you were given',
  download: 'Download answers',
  downloadNew: 'Download answers ({n} new)',
  downloaded: {one: '{n} answer downloaded.', other: '{n} answers downloaded.'},
  nothingToDownload: 'There are no answers yet.',

  // The annotator's name.
  askName: 'Who are you?',
  askNameWhy: 'Your name goes with your answers. It is kept in this browser.',
  name: 'Name',
  start: 'Start',

  // Skipping.
  skipTitle: 'Skip this unit',
  skipWhy: 'Why?',
  skipReasons: ['no common concept', 'several concepts', 'the images are unclear', 'I do not know'],
  skipOther: 'Another reason',
  cancel: 'Cancel',

  // Keys.
  keysTitle: 'Keys',
  keysNote: 'Letters work wherever no text is being typed; Escape leaves the text.',
  keys: [
    [['←', '→', '↑', '↓'], 'go through the images'],
    [['Space', 'X'], 'cross the image out, or not'],
    [['Enter'], 'look at the image closely; L while held'],
    [['C'], 'write the concept'],
    [['1', '…', '{n}'], 'choose the kind of thing'],
    [['Ctrl+Enter'], 'submit'],
    [['S'], 'skip, with a reason'],
    [['N'], 'next open unit'],
    [['[', ']'], 'previous and next unit; PageUp, PageDown'],
    [['U', 'R'], 'undo and redo; Ctrl+Z, Ctrl+Y'],
    [['D'], 'download the answers'],
    [['?'], 'these keys'],
  ],
  close: 'Close',

  // A closer look.
  look: 'A closer look',
  crossOut: 'Cross out',
  crossIn: 'Do not cross out',
  imageBefore: 'Image before',
  imageAfter: 'Image after',

  // Crowd platforms.
  handedOver: 'Answer accepted and handed over. You can go on.',
  copyAnswer: 'Answer accepted. If your platform asks for it, copy this:',
  preview: 'This is a preview: accept the task to answer.',
  wrongUnit: 'The address asks for unit {unit}, which is not part of this task.',
  wrongSubmit: 'The address asks to send the answer to {url}, which is not a secure address.',
  noTask: 'task.js is missing beside this page, or is of another version of it.',

  // The server's overview.
  toPage: 'To the page for answers',
  overviewTitle: 'Answers so far',
  unitsDone: '{n} of {total} units done; answers wanted of each: {wanted}',
  answersTotal: {one: '{n} answer', other: '{n} answers'},
  refusedTotal: {one: '{n} refused', other: '{n} refused'},
  skippedTotal: {one: '{n} skipped', other: '{n} skipped'},
  agreement: 'Agreement',
  agreementLabel: 'same label',
  agreementGroup: 'group (Krippendorff’s alpha)',
  agreementCrossed: 'same images crossed out',
  secondsMedian: 'median time of a unit',
  seconds: '{n} s',
  unknown: 'not known yet',
  annotators: 'Annotators',
  columnName: 'Name',
  columnAnswers: 'Answers',
  columnRefused: 'Refused',
  columnSeconds: 'Median time',
  columnLast: 'Last answer',
  noAnnotators: 'Nobody has answered yet.',
  units: 'Units',
  unitsHow: 'Above, the answers of each; below, its number.',
  unitAnswers: {
    one: '{layer}, unit {unit}: {n} answer',
    other: '{layer}, unit {unit}: {n} answers',
  },
  unitAnswersLabel: {
    one: '{layer}, unit {unit}: {n} answer, {label}',
    other: '{layer}, unit {unit}: {n} answers, {label}',
  },
  asOf: 'As of {time}',
  noServer: 'The server does not answer; what is shown is of {time}',
};
