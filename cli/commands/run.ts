import { Command, Option } from 'clipanion';
import type { Routing, RoutingCandidate } from '../../core/routing/routing.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { ExitCode } from '../../core/errors/exit-codes.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import type { JsonObject } from '../../core/json.ts';
import { stepsOf } from '../../core/plans/plan.ts';
import type { Plan } from '../../core/plans/plan.ts';
import { verdictOf } from '../../core/runs/outcome.ts';
import type { Segment } from '../../core/splitting/interpretation.ts';
import { parseMode } from '../../core/splitting/segments.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { outcomeDocument } from '../../client/submit/outcome-document.ts';
import type { Found, FoundByWords, Wanted } from '../../client/submit/submission.ts';
import { SkillosCommand } from '../command.ts';
import { identityOptions } from '../input/identity.ts';
import { runOptions, shownParts } from '../input/run-options.ts';
import { printOutcome } from '../running/print-outcome.ts';
import { openRouting } from '../running/routing.ts';
import type { Explained } from '../running/explain-routing.ts';
import { openCall, submitQuery } from '../running/submit-run.ts';
import type { RunningCall } from '../running/submit-run.ts';

const NOTHING_EXECUTED = 'nothing was executed; add --execute to run it';

export class RunCommand extends SkillosCommand {
  static override paths = [['run']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Route a query to a skill, and run it with --execute',
    details:
      'Without --execute it prints the chosen skill and runs nothing; Temporal is not contacted. ' +
      'The payload is that of --payload, otherwise the query. With --mode a query with several instructions is ' +
      'split if each part routes to a skill: pipeline at words such as "then" and "after", parallel at "and", auto at ' +
      'both. Each part is the payload of its skill. With --payload, only the first step gets it, and the others the output before.',
    examples: [
      ['Only route', 'skillos run "Find flights to Sochi"'],
      ['Run it', 'skillos run "Find flights to Sochi" --execute'],
      ['Why this skill', 'skillos run "Find flights to Sochi" --explain'],
      ['Only skills with a tag', 'skillos run "Find flights to Sochi" --tag travel'],
      [
        'Several instructions in one query',
        'skillos run "Find flights to Sochi and find hotels in Sochi" --mode auto',
      ],
      [
        'Take an alternative',
        'skillos run "Somewhere to stay in Sochi" --skill travel/search_hotels --execute',
      ],
    ],
  });

  identity = identityOptions();
  running = runOptions();
  query = Option.String({ name: 'query' });
  isExecuted = Option.Boolean('--execute', false, { description: 'Run the skill on Temporal' });
  isExplained = Option.Boolean('--explain', false, {
    description: 'Show why the router chose the skill, in words and numbers',
  });

  tags = Option.Array('--tag', [], { description: 'Only skills with this tag; repeat for any of several' });
  chosen = Option.String('--skill', { description: 'Take this skill instead of the router’s choice' });

  mode = Option.String('--mode', 'single', {
    description: 'Split the query: single (default: never), pipeline, parallel or auto',
  });

  async perform(): Promise<ExitCode> {
    const wanted = this.readQuery();
    const call = await openCall(this);
    let heading: readonly string[] = [];
    let opened: ReturnType<typeof openRouting> | undefined;
    const route: typeof openRouting = (source, runtime) => (opened ??= openRouting(source, runtime));
    const outcome = await submitQuery(call, wanted, {
      route,
      onFound: (found) => {
        this.noteFound(found);
        heading = skillsOf(found);
      },
      choose: async (routing) => {
        const skill = await this.choose(routing);
        heading = skill === undefined ? [] : [skill];
        return skill;
      },
    });
    if (outcome.kind !== 'found') return printOutcome(this, outcome, heading);
    const { found } = outcome;
    if (!this.isExplained || found.kind !== 'routing') return this.printFound(call, found);
    const [{ explainRouted }, ports] = await Promise.all([
      import('../running/explain-routing.ts'),
      route(this, call.runtime),
    ]);
    const { routing } = found;
    const { tenant } = call.actor.rights;
    return this.printFound(call, found, await explainRouted(ports, { ...wanted, routing, tenant }));
  }

  private readQuery(): Extract<Wanted, { readonly kind: 'query' }> {
    const { query: text, tags, isExecuted, chosen, running } = this;
    if (running.planPath !== undefined && !isExecuted && !running.dryRun) {
      throw new SkillosError('usage', 'Expected --dry-run or --execute beside --plan-path');
    }
    if (text.trim() === '') throw new SkillosError('usage', 'Expected a query, got an empty text');
    const mode = parseMode(this.mode);
    if (chosen !== undefined && mode !== 'single') {
      throw new SkillosError('usage', 'Expected one of --skill and --mode');
    }
    const isOther = isExecuted || running.dryRun || chosen !== undefined || mode !== 'single';
    if (this.isExplained && isOther) {
      throw new SkillosError('usage', 'Expected --explain without --execute, --dry-run, --skill and --mode');
    }
    const skill = chosen === undefined ? undefined : parseSkillId(chosen);
    return { kind: 'query', text, tags, mode, isExecuted, skill };
  }

  private noteFound(found: Found): void {
    if (found.kind === 'named' || found.kind === 'rerun') return;
    for (const reason of found.split?.reasons ?? []) this.note(`${found.split?.mode}: ${reason}`);
    for (const routing of routingsOf(found)) this.warnOfReplacement(routing);
    if (found.kind === 'parts') return this.note(`routed: ${shapeOf(found.plan)}`);
    const { routing } = found;
    if (routing.status !== 'routed' || !(this.isExecuted || this.running.dryRun)) return;
    this.note(`routed: ${routing.skill} (confidence ${routing.confidence.toFixed(2)})`);
  }

  private warnOfReplacement(routing: Routing): void {
    if (routing.status !== 'routed' || routing.replaces === undefined) return;
    this.note(`warning: Skill ${routing.replaces} is deprecated; ${routing.skill} replaces it`);
  }

  /** A person at a terminal may choose if the router is not sure. */
  private async choose(routing: Routing): Promise<SkillId | undefined> {
    if (routing.status === 'no_skill_found' || !this.context.isInteractive || this.json) return undefined;
    const { chooseSkill } = await import('../input/choose-skill.ts');
    return chooseSkill([routing, ...routing.alternatives], this.context);
  }

  private async printFound(
    call: RunningCall,
    found: FoundByWords,
    explanation?: Explained,
  ): Promise<ExitCode> {
    const json = { ...outcomeDocument({ kind: 'found', found }), ...explanation?.json };
    if (found.kind === 'parts') {
      this.print({ text: skillsOf(found), json });
      this.note(NOTHING_EXECUTED);
      return EXIT.ok;
    }
    const { routing } = found;
    const stages = await this.stages(call, found);
    this.print({
      text: [...routingLines(routing), ...(explanation?.text ?? [])],
      json: { ...json, ...stages },
    });
    if (routing.status === 'routed' && !this.isExecuted) this.note(NOTHING_EXECUTED);
    return verdictOf(routing.status).exit;
  }

  /** The decision about the routed skill by stages, shown if an option asks for it. */
  private async stages(
    { runtime, actor, payload }: RunningCall,
    { routing, query, ms }: Extract<FoundByWords, { readonly kind: 'routing' }>,
  ): Promise<JsonObject> {
    const { stepThrough } = this.running;
    const parts = shownParts(this.running) ?? (stepThrough ? { values: true, times: false } : undefined);
    if (parts === undefined || routing.status !== 'routed') return {};
    const { showStages } = await import('../views/stage-view.ts');
    const { skill, confidence } = routing;
    const { principal, tenant } = actor.rights;
    const plan = { kind: 'step', step: { skill } } as const;
    const ask = { plan, payload: (await payload()) ?? query, principal, tenant };
    const first = { stage: 'route', ms, inputs: { query }, outputs: { skill, confidence } };
    const shown = { ...parts, isStepping: stepThrough, isQuiet: this.json };
    const { context } = this;
    return { trace: await showStages({ ask, first, runtime, context, ...shown }) };
  }
}

function routingsOf(found: FoundByWords): readonly Routing[] {
  return found.kind === 'routing' ? [found.routing] : stepsOf(found.plan).map(({ routing }) => routing);
}

function skillsOf(found: Found): readonly SkillId[] {
  if (found.kind === 'parts') return stepsOf(found.plan).map(({ skill }) => skill);
  return found.kind === 'routing' && found.routing.status === 'routed' ? [found.routing.skill] : [];
}

/** Returns `a/x | b/y -> c/z`, each with its confidence. */
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
