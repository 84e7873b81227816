'use strict';
// One unit alone, as crowd platforms open the page:
//
//   index.html?unit=INDEX&assignment=ID&submit=URL&annotator=NAME
//
// An accepted answer is posted to `submit` by a form with `answer` and `assignmentId`. Without that
// address, the page that embeds this one is told, as a message {"answer", "task"}; where there is
// none, the answer is shown, to be copied.

// What Mechanical Turk says instead of an assignment where a worker only looks.
const previewAssignment = 'ASSIGNMENT_ID_NOT_AVAILABLE';

/// What the address asks for, or null where it is the whole task. `error` says what is wrong.
function crowdRequest(address, units) {
  const asked = address.searchParams;
  if (!asked.has('unit')) return null;
  const unit = /^\d+$/.test(asked.get('unit')) ? Number(asked.get('unit')) : units;
  const assignment = asked.get('assignment') ?? '';
  const request = {
    unit,
    assignment,
    submit: asked.get('submit') ?? '',
    annotator: asked.get('annotator') || assignment,
    isPreview: assignment === previewAssignment,
    error: '',
  };
  if (unit >= units) request.error = say('wrongUnit', {unit: asked.get('unit')});
  if (request.submit && !isSafeTarget(request.submit, address)) {
    request.error = say('wrongSubmit', {url: request.submit});
  }
  return request;
}

// Answers go over a secure connection, or back to where the page is from.
function isSafeTarget(target, address) {
  try {
    const url = new URL(target, address);
    const isOwn = address.protocol.startsWith('http') && url.origin === address.origin;
    return url.protocol === 'https:' || isOwn;
  } catch {
    return false;
  }
}

/// Hands an accepted answer over; returns the text to be copied where nobody takes it.
function handOver(request, answer) {
  const text = JSON.stringify(answer);
  if (request.submit) {
    const form = make('form');
    Object.assign(form, {method: 'post', action: request.submit, hidden: true});
    for (const [name, value] of [['answer', text], ['assignmentId', request.assignment]]) {
      const field = make('input');
      Object.assign(field, {type: 'hidden', name, value});
      form.append(field);
    }
    document.body.append(form);
    form.submit();
    return '';
  }
  if (parent !== window) {
    parent.postMessage({task: answer.task, answer: text}, '*');
    return '';
  }
  return text;
}
