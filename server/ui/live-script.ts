/** Keeps the page of a run as it is now. Without it the page works and is asked for again. */

/** Only what has changed is replaced, so that nobody loses their place, an opened part or what they wrote. */
export const LIVE_SCRIPT = `
const live = document.getElementById('live');
const known = new Map([...live.querySelectorAll('[data-part]')].map((part) => [part.id, part.innerHTML]));
const events = new EventSource(live.dataset.events);
events.addEventListener('parts', (event) => {
  const { status, layout, parts } = JSON.parse(event.data);
  const isDeciding = document.getElementById('decide') !== null;
  if (layout !== live.dataset.layout && !isDeciding) return location.reload(); // it was shown before its plan was known
  for (const [id, markup] of Object.entries(parts)) {
    const fresh = document.createElement('template');
    fresh.innerHTML = markup;
    if (known.get(id) === fresh.innerHTML) continue;
    known.set(id, fresh.innerHTML);
    const part = document.getElementById(id);
    if (part === null) return location.reload(); // of a run that had no steps yet
    part.replaceChildren(fresh.content);
  }
  if (status === live.dataset.status) return;
  live.dataset.status = status;
  if (isDeciding) document.getElementById('changed').hidden = false;
  else if (status === 'awaiting_approval') location.reload();
});
events.addEventListener('over', () => events.close());
`;
