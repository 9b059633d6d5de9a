/** Forms on the page of a run: cancel, rerun, and the commands for a paused run. They work without scripts. */
import type { Paused } from '../../client/runs/step-control.ts';
import { isInFlight } from '../../core/runs/run.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { formTokenField, runPath } from './page.ts';
import type { Frame } from './page.ts';

export interface RunActions {
  readonly record: RunRecord;
  /** The step before which the run is paused; undefined if it is not paused. */
  readonly paused: Paused | undefined;
  readonly frame: Pick<Frame, 'formToken'>;
}

/** The forms that fit the status of the run, for a caller who may operate it. */
export function runActions({ record, paused, frame }: RunActions): Html {
  const { id, status } = record;
  if (!isInFlight(status)) return rerunForm(record, frame);
  return html`${paused !== undefined && stepForms(id, paused, frame)}
    <form method="post" action="${runPath(id)}/cancel">
      ${formTokenField(frame)}
      <label class="check"
        ><input type="checkbox" name="rollback" value="yes" /> Roll back completed steps</label
      >
      <button class="bad">Cancel run</button>
    </form>`;
}

function stepForms(runId: string, { step, skill, input }: Paused, frame: Pick<Frame, 'formToken'>): Html {
  const action = `${runPath(runId)}/step`;
  return html`<section class="card" aria-labelledby="paused-title">
    <h2 id="paused-title">Paused before step ${step}, ${skill}</h2>
    <form method="post" action="${action}">
      ${formTokenField(frame)}
      <label for="step-input">Input of step ${step}, as JSON</label>
      <textarea id="step-input" name="input" rows="8" spellcheck="false">
${JSON.stringify(input, null, 2)}</textarea>
      <button name="command" value="edit">Replace input</button>
    </form>
    <form method="post" action="${action}">
      ${formTokenField(frame)}
      <button class="good" name="command" value="next">Run step</button>
      <button name="command" value="skip">Skip step</button>
      <button name="command" value="continue">Continue to the end</button>
    </form>
  </section>`;
}

function rerunForm({ id, steps }: RunRecord, frame: Pick<Frame, 'formToken'>): Html {
  const choices = steps.map(
    ({ number, skill }) => html`<option value="${number}">step ${number}, ${skill}</option>`,
  );
  return html`<form method="post" action="${runPath(id)}/rerun">
    ${formTokenField(frame)}
    ${
      steps.length > 1 &&
      html`<label for="from">Run again from</label>
        <select id="from" name="from">
          ${choices}
        </select>`
    }
    <button>Run again</button>
  </form>`;
}
