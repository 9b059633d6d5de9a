/** Script that updates the page of a run; without scripts the page reloads itself. */

/** Replaces only changed parts, so that focus, opened details and typed text are kept. */
export const LIVE_SCRIPT = `
const live = document.getElementById('live');
const known = new Map([...live.querySelectorAll('[data-part]')].map((part) => [part.id, part.innerHTML]));
const events = new EventSource(live.dataset.events);
events.addEventListener('parts', (event) => {
  const { status, layout, parts } = JSON.parse(event.data);
  const isDeciding = document.getElementById('decide') !== null;
  const isTyping = isDeciding || document.getElementById('step-input') !== null;
  if (layout !== live.dataset.layout && !isTyping) return location.reload(); // the page was rendered before the plan was known
  for (const [id, markup] of Object.entries(parts)) {
    const fresh = document.createElement('template');
    fresh.innerHTML = markup;
    if (known.get(id) === fresh.innerHTML) continue;
    known.set(id, fresh.innerHTML);
    const part = document.getElementById(id);
    if (part === null) return location.reload(); // the page was rendered before the step existed
    part.replaceChildren(fresh.content);
  }
  if (status === live.dataset.status) return;
  live.dataset.status = status;
  if (isDeciding) document.getElementById('changed').hidden = false;
  else if (status === 'awaiting_approval') location.reload();
});
events.addEventListener('log', (event) => {
  const fresh = document.createElement('template');
  fresh.innerHTML = JSON.parse(event.data);
  known.set('log', fresh.innerHTML);
  document.getElementById('log')?.replaceChildren(fresh.content);
});
events.addEventListener('over', () => events.close());
`;
