/** What `run --execute`, `run-skill` and later every executing command share: options, start, follow, print. */
import { parseDuration } from '../core/duration.ts';
import { EXIT } from '../core/exit-codes.ts';
import type { ExitCode } from '../core/exit-codes.ts';
import { SkillosError } from '../core/errors.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { runKey } from '../core/run-id.ts';
import { verdictOf } from '../core/outcome.ts';
import { runDocument } from '../core/run-document.ts';
import type { RunParts } from '../core/run-document.ts';
import { traceDocument } from '../core/trace-document.ts';
import type { Ask } from '../client/runs.ts';
import type { RunRecord } from '../core/run.ts';
import type { Temporal } from '../client/connection.ts';
import { RunOptions, readDecision, retriesOf } from './run-options.ts';
import type { ReadDecision } from './run-options.ts';
import { readPayload } from './payload.ts';
import { traceLines } from './trace-view.ts';
import { openRuntime } from './runtime.ts';
import type { Runtime } from './runtime.ts';

export interface Execution {
  readonly plan: Ask['plan'];
  readonly payload: JsonValue;
  readonly query?: string;
  /** Lines before the output, and more fields of the document. */
  readonly heading?: readonly string[];
  readonly document?: JsonObject;
  /** A ULID under which the request is known to logs. */
  readonly requestId?: string;
  /** What a repeated run takes over from its origin, unless an option says otherwise. */
  readonly repeated?: Pick<Ask, 'origin' | 'maxRetries' | 'noRollback'>;
  readonly onStarted?: (runId: string) => Promise<void>;
}

interface Following {
  readonly runId: string;
  readonly timeoutMs: number | undefined;
  readonly execution: Execution;
  /** A field of the document where an earlier request has started the run. */
  readonly replayed: JsonObject;
}

export abstract class RunningCommand extends RunOptions {
  #runtime: Runtime | undefined;
  /** Read before anything starts. */
  #decision: ReadDecision | undefined;

  protected get runtime(): Runtime {
    this.#runtime ??= openRuntime(this.config, this.context, (line) => this.note(line));
    return this.#runtime;
  }

  protected givenPayload(): Promise<string | undefined> {
    const { payload, payloadFile, fromStdin } = this;
    return readPayload({ payload, payloadFile, fromStdin }, this.context.stdin);
  }

  /** Checks, starts, and unless detached follows to the end. */
  protected async executeRun(execution: Execution): Promise<ExitCode> {
    if (this.dryRun && this.stepThrough)
      throw new SkillosError('usage', 'Expected one of --dry-run and --step-through');
    this.#decision = await readDecision(this.approval, this.approvalToken ?? this.config.approverToken);
    if (this.detach && this.#decision !== undefined) {
      throw new SkillosError('usage', 'Expected one of --detach and --approval', {
        hint: 'Decide about a run that waits with skillos approve <run> or skillos deny <run>',
      });
    }
    const timeoutMs = this.timeout === undefined ? undefined : parseDuration(this.timeout, '--timeout');
    const ask = await this.askOf(execution);
    const { checkAsk, startRun } = await import('../client/runs.ts');
    await checkAsk(this.runtime.ports, ask, await this.rights());
    if (this.dryRun) return this.printDryRun(ask, execution);
    const planned = await this.planned(ask);
    const temporal = await this.runtime.connect();
    try {
      const started = await startRun(this.runtime.ports, temporal, { ...ask, ...planned });
      await execution.onStarted?.(started.runId);
      if (this.detach || this.wait === false)
        return await this.printDetached(temporal, started.runId, execution);
      const replayed = started.isReplayed ? { replayed: true } : {};
      if (started.isReplayed) this.note(`replayed: ${started.runId}`);
      return await this.follow(temporal, { runId: started.runId, timeoutMs, execution, replayed });
    } finally {
      await temporal.close();
    }
  }

  /** What the plan file binds the run to. */
  private async planned(ask: Ask): Promise<Pick<Ask, 'expectedDigest'>> {
    const { runtime, config, planPath } = this;
    if (planPath === undefined) return {};
    const { plannedDigest } = await import('./dry-run.ts');
    return { expectedDigest: await plannedDigest({ ask, runtime, config, planPath }) };
  }

  private async printDryRun(ask: Ask, execution: Execution): Promise<ExitCode> {
    const { runtime, config, planPath } = this;
    const { dryRun } = await import('./dry-run.ts');
    const result = await dryRun({ ask, runtime, config, planPath });
    if (result.status === 'dry_run') {
      this.print({ text: result.text, json: { ...result.json, ...execution.document } });
      return EXIT.ok;
    }
    const { reason, policy, message } = result.blocked;
    this.print({
      text: `blocked: ${reason}`,
      json: {
        schema: 'skillos.run/v1',
        status: 'blocked',
        reason,
        policy,
        error: { code: reason, message },
        steps: [],
        ...execution.document,
      },
    });
    this.note(`Error: ${message}`);
    return verdictOf('blocked', reason).exit;
  }

  /** How a successful run's output is printed for people. */
  protected outputLines(execution: Execution, result: JsonValue): readonly string[] {
    return [...(execution.heading ?? []), printable(result)];
  }

  private async askOf(execution: Execution): Promise<Ask> {
    const { principal, tenant } = await this.rights();
    const { plan, payload, query, requestId, repeated } = execution;
    return {
      ...repeated,
      plan,
      payload,
      principal,
      tenant,
      ...(query === undefined ? {} : { query }),
      ...(requestId === undefined ? {} : { requestId }),
      ...(this.maxRetries === undefined ? {} : { maxRetries: retriesOf(this.maxRetries) }),
      ...(this.stepThrough ? { stepThrough: true } : {}),
      ...(this.rollback ? {} : { noRollback: true }),
      ...(this.idempotencyKey === undefined ? {} : { idempotency: this.idempotency(this.idempotencyKey) }),
    };
  }

  private idempotency(key: string): NonNullable<Ask['idempotency']> {
    return { key, operation: this.path.join(' '), ttlSeconds: this.config.idempotencyTtlSeconds };
  }

  private async follow(temporal: Temporal, run: Following): Promise<ExitCode> {
    const [{ comeBack, followRun }, { webUrl }] = await Promise.all([
      import('./follow.ts'),
      import('../client/runs.ts'),
    ]);
    const { runId, timeoutMs } = run;
    const { runtime, context } = this;
    this.note(`run: ${runId}`);
    const url = webUrl(temporal.target, runId);
    if (url !== undefined) this.note(`web: ${url}`);
    const followed = await followRun({
      runtime,
      temporal,
      context,
      runId,
      timeoutMs,
      isQuiet: this.json,
      canceller: await this.actor(),
      onWaiting: async (record) => {
        const isTold = (await this.decideHere(temporal, record)) || (await this.steerHere(temporal, record));
        return isTold || this.wait === true;
      },
    });
    if (followed.how === 'ended') return this.printEnd(followed.parts, run);
    if (followed.how === 'waiting') return this.printWaiting(followed.parts, run);
    if (followed.how === 'interrupted') return EXIT.interrupted;
    this.note(`gave up waiting; the run goes on\n${comeBack(runId)}`);
    await this.printGoingOn(temporal, runId, run.execution);
    return EXIT.timeout;
  }

  /** Whether the caller has decided about the run in the same call. */
  private async decideHere(temporal: Temporal, record: RunRecord): Promise<boolean> {
    if (this.#decision === undefined || record.status !== 'awaiting_approval') return false;
    const { decideHere } = await import('./decide-here.ts');
    const outcome = await decideHere(this.runtime.ports, temporal, {
      runId: record.id,
      rights: await this.rights(),
      ...this.#decision,
    });
    this.note(`${outcome === 'pending' ? 'approval_recorded' : outcome}: ${record.id}`);
    return outcome !== 'pending';
  }

  /** Whether the person at the terminal has said how to go on; who left the run has not. */
  private async steerHere(temporal: Temporal, record: RunRecord): Promise<boolean> {
    if (record.status !== 'paused' || !this.context.isInteractive || this.json) return false;
    const { steerHere } = await import('./steer-here.ts');
    const { runtime, context } = this;
    return steerHere({ runtime, temporal, context, record, actor: await this.actor() });
  }

  /** People must decide, or say how to go on: what for, and how. */
  private printWaiting(parts: RunParts, { execution, replayed }: Following): ExitCode {
    const { record } = parts;
    const { approval } = record;
    if (record.status === 'awaiting_approval' && approval !== undefined) {
      for (const reason of approval.requirement.reasons) this.note(`reason: ${reason}`);
      this.note(`  look:    skillos approvals show ${record.id}`);
      this.note(`  decide:  skillos approve ${record.id}   or: skillos deny ${record.id}`);
    } else {
      this.note(`  look:    skillos debug ${record.id}`);
      this.note(`  go on:   skillos debug ${record.id} next   (or continue, skip, edit, abort)`);
    }
    this.print({
      text: `${record.status}: ${record.id}`,
      json: { ...runDocument(parts), ...execution.document, ...replayed },
    });
    return verdictOf(record.status).exit;
  }

  private printEnd(parts: RunParts, { execution, replayed }: Following): ExitCode {
    const { record, result } = parts;
    const { exit } = verdictOf(record.status, record.reason);
    for (const warning of record.warnings ?? []) this.note(`warning: ${warning.message}`);
    const trace = this.shownParts && { trace: traceDocument(parts) };
    if (this.shownParts !== undefined && !this.json) {
      for (const line of ['trace:', ...traceLines(parts, this.shownParts)]) this.note(line);
    }
    if (!this.json && record.status !== 'success') {
      if (record.status === 'blocked')
        this.print({ text: `blocked: ${record.reason}`, json: runDocument(parts) });
      this.note(`Error: ${record.error?.message ?? `Run ended ${record.status}`}`);
      this.note(`hint: skillos runs show ${record.id}`);
      return exit;
    }
    this.print({
      text: this.outputLines(execution, result ?? null),
      json: { ...runDocument(parts), ...execution.document, ...replayed, ...trace },
    });
    return exit;
  }

  private async printDetached(temporal: Temporal, runId: string, execution: Execution): Promise<ExitCode> {
    const { comeBack } = await import('./follow.ts');
    this.note(comeBack(runId));
    await this.printGoingOn(temporal, runId, execution);
    return EXIT.ok;
  }

  /** A run that its caller leaves: its id, and where to look. */
  private async printGoingOn(temporal: Temporal, runId: string, execution: Execution): Promise<void> {
    const { webUrl } = await import('../client/runs.ts');
    const url = webUrl(temporal.target, runId);
    const record = await this.runtime.ports.records.get('runs', runKey(runId));
    this.print({
      text: runId,
      json: {
        schema: 'skillos.run/v1',
        run_id: runId,
        status: (record?.['status'] as string | undefined) ?? 'queued',
        steps: [],
        ...(url === undefined ? {} : { url }),
        ...execution.document,
      },
    });
  }
}

/** Text as it is, anything else as JSON. */
export function printable(result: JsonValue): string {
  return typeof result === 'string' ? result : JSON.stringify(result, null, 2);
}
