import { Command, Option } from 'clipanion';
import { SkillosError } from '../../core/errors.ts';
import type { ExitCode } from '../../core/exit-codes.ts';
import { EXIT } from '../../core/exit-codes.ts';
import type { JsonObject } from '../../core/json.ts';
import { verdictOf } from '../../core/outcome.ts';
import { mapPlan, stepsOf } from '../../core/plan.ts';
import type { Plan } from '../../core/plan.ts';
import type { Reader, Segment } from '../../core/reading.ts';
import { chosenByCaller, routedDocument, routingDocument } from '../../core/routing-document.ts';
import type { Routing, RoutingCandidate } from '../../core/routing.ts';
import { routingHappenings } from '../../core/run-telemetry.ts';
import { parseMode, splitQuery } from '../../core/segments.ts';
import { segmentDocuments } from '../../core/split-document.ts';
import { queryFields } from '../../core/telemetry.ts';
import { routeCached } from '../../client/route.ts';
import { openRoutingIndex } from '../../adapters/routing-index.ts';
import { cacheFolder } from '../../adapters/local-folders.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import type { RoutingIndex } from '../../core/routing-index.ts';
import type { SkillId } from '../../core/skill-id.ts';
import { openSharedCache } from '../routing-cache.ts';
import { openRequestEvents } from '../request-events.ts';
import type { RequestEvents } from '../request-events.ts';
import { RunningCommand } from '../run-command.ts';

const NOTHING_EXECUTED = 'nothing was executed; add --execute to run it';

export class RunCommand extends RunningCommand {
  static override paths = [['run']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Route a query to a skill, and run it with --execute',
    details:
      'Without --execute the chosen skill is printed and nothing runs; Temporal is not contacted. ' +
      'The query itself is the payload unless --payload says otherwise. With --mode a query of several orders is ' +
      'split where each part finds a skill: pipeline at words such as "then" and "after", parallel at "and", auto at ' +
      'both. Each part is the payload of its skill; a --payload goes through all of them instead, output by output.',
    examples: [
      ['Which skill would answer', 'skillos run "Find flights to Sochi"'],
      ['Run it', 'skillos run "Find flights to Sochi" --execute'],
      ['Only among some skills', 'skillos run "Find flights to Sochi" --tag travel'],
      ['Several orders in one', 'skillos run "Find flights to Sochi and find hotels in Sochi" --mode auto'],
      [
        'Take an alternative',
        'skillos run "Somewhere to stay in Sochi" --skill travel/search_hotels --execute',
      ],
    ],
  });

  query = Option.String({ name: 'query' });
  isExecuted = Option.Boolean('--execute', false, { description: 'Run the skill on Temporal' });
  tags = Option.Array('--tag', [], { description: 'Only skills with this tag; repeat for any of several' });
  chosen = Option.String('--skill', { description: 'Take this skill instead of the router’s choice' });

  mode = Option.String('--mode', 'single', {
    description: 'Split the query: single (the default: do not), pipeline, parallel or auto',
  });

  /** Fields of the document that tell how the query was split. */
  #decision: JsonObject = {};
  #began = 0;

  async perform(): Promise<ExitCode> {
    if (this.planPath !== undefined && !this.isExecuted && !this.dryRun) {
      throw new SkillosError('usage', 'Expected --dry-run or --execute beside --plan-path');
    }
    if (this.query.trim() === '') throw new SkillosError('usage', 'Expected a query, got an empty text');
    this.#began = this.context.now();
    const mode = parseMode(this.mode);
    if (this.chosen !== undefined) {
      if (mode !== 'single') throw new SkillosError('usage', 'Expected one of --skill and --mode');
      return this.performWhole(chosenByCaller(parseSkillId(this.chosen)));
    }
    const route = await this.openRouter();
    if (mode === 'single') return this.performWhole(await route(this.query));
    const { plan, reasons } = await splitQuery(this.query, mode, route);
    for (const reason of reasons) this.note(`${mode}: ${reason}`);
    this.#decision = { mode, decision: { kind: plan?.kind ?? 'whole', reasons } };
    return plan === undefined ? this.performWhole(await route(this.query)) : this.performParts(plan);
  }

  private async performWhole(routing: Routing): Promise<ExitCode> {
    const events = await this.tellRouting([routing]);
    if (!this.isExecuted && !this.dryRun) return this.printRouting(routing);
    const skill = await this.decide(routing);
    if (skill === undefined) return this.printRouting(routing);
    const payload = (await this.givenPayload()) ?? this.query;
    return this.executeRun({
      plan: { kind: 'step', step: { skill } },
      payload,
      query: this.query,
      requestId: events.requestId,
      heading: [skill],
      document: { ...this.#decision, routing: routingDocument(routing) },
    });
  }

  private async performParts(plan: Plan<Segment>): Promise<ExitCode> {
    const events = await this.tellRouting(stepsOf(plan).map(({ routing }) => routing));
    const heading = stepsOf(plan).map(({ skill }) => skill);
    const segments = segmentDocuments(plan);
    this.note(`routed: ${shapeOf(plan)}`);
    if (!this.isExecuted && !this.dryRun) {
      const json = { schema: 'skillos.run/v1', status: 'routed', ...this.#decision, steps: segments };
      this.print({ text: heading, json });
      this.note(NOTHING_EXECUTED);
      return EXIT.ok;
    }
    const payload = await this.givenPayload();
    return this.executeRun({
      plan: mapPlan(plan, ({ skill, text }) =>
        payload === undefined ? { skill, payload: { value: text } } : { skill },
      ),
      payload: payload ?? this.query,
      query: this.query,
      requestId: events.requestId,
      heading,
      document: { ...this.#decision, segments },
    });
  }

  private async tellRouting(routings: readonly Routing[]): Promise<RequestEvents> {
    const { tenant } = await this.rights();
    const events = openRequestEvents(this.config, this.context, { tenant, note: (line) => this.note(line) });
    const latencyMs = this.context.now() - this.#began;
    events.tell([{ event: 'request_received', ...queryFields(this.query) }], this.#began);
    for (const routing of routings) {
      events.tell(routingHappenings(routing, latencyMs));
      this.warnOfReplacement(routing);
    }
    return events;
  }

  private warnOfReplacement(routing: Routing): void {
    if (routing.status !== 'routed' || routing.replaces === undefined) return;
    this.note(`warning: Skill ${routing.replaces} is deprecated; ${routing.skill} replaces it`);
  }

  /** The index is opened once, and only where an answer is not known. */
  private async openRouter(): Promise<Reader['route']> {
    const { ports, root } = this.runtime;
    const { catalogs } = ports;
    const { minConfidence } = this.config;
    const cacheDir = cacheFolder(this.config, this.context.env);
    const rights = await this.rights();
    const cache = await openSharedCache(this.config, this.context);
    let index: Promise<RoutingIndex> | undefined;
    let version: Promise<string> | undefined;
    return (text) =>
      routeCached({
        query: { text, tags: this.tags, minConfidence },
        catalogs,
        rights,
        openIndex: () => (index ??= openRoutingIndex({ catalogs, root, cacheDir })),
        cache,
        version: () => (version ??= catalogs.fingerprint()),
      });
  }

  /** The skill to run; a person at a terminal may choose where the router is not sure. */
  private async decide(routing: Routing): Promise<SkillId | undefined> {
    if (routing.status === 'routed') {
      this.note(`routed: ${routing.skill} (confidence ${routing.confidence.toFixed(2)})`);
      return routing.skill;
    }
    if (routing.status === 'no_skill_found' || !this.context.isInteractive || this.json) return undefined;
    const { chooseSkill } = await import('../choose-skill.ts');
    return chooseSkill([routing, ...routing.alternatives], this.context);
  }

  /** What would be decided about the routed skill, shown where somebody wants to see it. */
  private async stages(routing: Routing): Promise<JsonObject> {
    const parts = this.shownParts ?? (this.stepThrough ? { values: true, times: false } : undefined);
    if (parts === undefined || routing.status !== 'routed') return {};
    const { showStages } = await import('../stage-view.ts');
    const { skill, confidence } = routing;
    const { principal, tenant } = await this.rights();
    const payload = (await this.givenPayload()) ?? this.query;
    const { runtime, config, context } = this;
    const ask = { plan: { kind: 'step', step: { skill } }, payload, principal, tenant } as const;
    const ms = context.now() - this.#began;
    const first = { stage: 'route', ms, inputs: { query: this.query }, outputs: { skill, confidence } };
    const shown = { ...parts, isStepping: this.stepThrough, isQuiet: this.json };
    return { trace: await showStages({ ask, first, runtime, config, context, ...shown }) };
  }

  private async printRouting(routing: Routing): Promise<ExitCode> {
    const stages = await this.stages(routing);
    this.print({
      text: routingLines(routing),
      json: { ...routedDocument(routing), ...this.#decision, ...stages },
    });
    if (routing.status === 'routed' && !this.isExecuted) this.note(NOTHING_EXECUTED);
    return verdictOf(routing.status).exit;
  }
}

/** `a/x | b/y -> c/z`, each with its confidence. */
function shapeOf(plan: Plan<Segment>): string {
  if (plan.kind !== 'step') return plan.plans.map(shapeOf).join(plan.kind === 'sequence' ? ' -> ' : ' | ');
  const { skill, routing } = plan.step;
  return `${skill} (confidence ${routing.confidence.toFixed(2)})`;
}

function routingLines(routing: Routing): readonly string[] {
  switch (routing.status) {
    case 'routed':
      return [routing.skill];
    case 'low_confidence':
      return [`low_confidence: ${routing.skill}`, `alternatives: ${listOf(routing.alternatives)}`];
    case 'no_skill_found':
      return ['no_skill_found'];
  }
}

function listOf(alternatives: readonly RoutingCandidate[]): string {
  return alternatives.length === 0 ? 'none' : alternatives.map(({ skill }) => skill).join(', ');
}
