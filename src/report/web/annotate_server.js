'use strict';
// A server that hands out units and takes answers, and the way of answers to it: each is sent again
// until the server has said what becomes of it, in this session or a later one.

class Server {
  /// {"ok": ..., "status", "body"}; status 0 where the server cannot be reached.
  async post(path, content) {
    try {
      const response = await fetch(path, {
        method: 'POST',
        headers: {'Content-Type': 'application/json'},
        body: JSON.stringify(content),
        signal: stopAfter(20),
      });
      const body = await response.json().catch(() => ({}));
      return {ok: response.ok, status: response.status, body};
    } catch {
      return {ok: false, status: 0, body: {}};
    }
  }

  /// As the page is left: nobody waits for a reply.
  release(annotator, unit) {
    const content = JSON.stringify({annotator, unit});
    navigator.sendBeacon('api/release', new Blob([content], {type: 'application/json'}));
  }
}

function stopAfter(seconds) {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), seconds * 1000);
  return controller.signal;
}

/// What becomes of an answer, by the server's reply: "saved", "uncrossed" (refused, negatives
/// left), "failed" (with a message, not to be sent again), "unknown" (who asks?) or "later".
function outcomeOf({ok, status, body}) {
  if (ok) return {kind: 'saved'};
  if (status === 422) return {kind: 'uncrossed'};
  if (status === 401) return {kind: 'unknown'};
  const passes = [0, 408, 425, 429].includes(status) || status >= 500;
  return passes ? {kind: 'later'} : {kind: 'failed', message: body.error ?? `status ${status}`};
}

const longestPause = 30;  // seconds

/// Of all annotators of the browser: who comes after others sends what they left.
class Outbox {
  /// Calls `told(answer, unit, outcome)` for each reply.
  constructor(server, told) {
    this.server = server;
    this.told = told;
    this.pause = 0;
    this.isSending = false;
    this.timer = 0;
    this.awaited = new Map();  // by the answer's id: who waits for its outcome
    addEventListener('online', () => this.send());
  }

  /// Answers that the server has not seen.
  waiting() {
    return allAnswers(annotationTask.task).filter(({delivered, error}) => !delivered && !error);
  }

  /// The outcome of this answer's next attempt.
  outcome(id) {
    return new Promise(resolve => this.awaited.set(id, resolve));
  }

  /// Sends what is waiting, one after another; where the server cannot take it, again after a pause
  /// that grows.
  async send() {
    if (this.isSending) return;
    this.isSending = true;
    clearTimeout(this.timer);
    for (let next = this.waiting(); next.length > 0; next = this.waiting()) {
      const {unit, answer} = next[0];
      const outcome = outcomeOf(await this.server.post('api/answer', answer));
      this.note(answer, unit, outcome);
      if (outcome.kind === 'later' || outcome.kind === 'unknown') {
        this.pause = Math.min(longestPause, Math.max(1, 2 * this.pause));
        this.timer = setTimeout(() => this.send(), 1000 * this.pause);
        break;
      }
      this.pause = 0;
    }
    this.isSending = false;
  }

  note(answer, unit, outcome) {
    const {kind, message} = outcome;
    const store = new Store(answer.task, answer.annotator);
    if (kind === 'saved') store.settle(unit, answer.id, {delivered: true});
    if (kind === 'failed') store.settle(unit, answer.id, {error: message});
    if (kind === 'uncrossed') store.refuse(unit, answer);
    this.awaited.get(answer.id)?.(outcome);
    this.awaited.delete(answer.id);
    this.told(answer, unit, outcome);
  }
}
