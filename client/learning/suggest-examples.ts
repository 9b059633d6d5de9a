/** Suggests examples for a skill from its successful runs and from feedback, and adds them. Needs no Temporal. */
import { suggestExamples } from '../../core/learning/suggested-examples.ts';
import type { AskedQuery, SuggestedExample } from '../../core/learning/suggested-examples.ts';
import { mayOperate } from '../../core/rights/operations.ts';
import type { EditManifest } from '../../core/skills/catalog.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import { listRuns } from '../runs/run-records.ts';
import { showSkill } from '../skills/skills.ts';
import type { FeedbackPorts } from './feedback.ts';

export interface SuggestionPorts extends FeedbackPorts {
  readonly editManifest: EditManifest;
}

interface Wanted {
  readonly skill: SkillId;
  readonly limit: number;
  /** Adds the suggestions to the manifest. */
  readonly apply: boolean;
}

/** The newest runs of a skill, and the newest corrections to it, that are read. */
const MAX_QUERIES = 1000;
/** Examples that a manifest may have. */
const MAX_EXAMPLES = 200;

/**
 * Resolves to the suggestions, with the file of the manifest. Rejects with `permission_denied`, because they are queries of
 * everybody, with `unknown_skill`, and as `editManifest` does.
 */
export async function suggestFor(
  ports: SuggestionPorts,
  actor: Actor,
  { skill, limit, apply }: Wanted,
): Promise<{ readonly file: string; readonly items: readonly SuggestedExample[] }> {
  await authorize(ports, actor, { operation: 'runs:read', skill });
  if (apply) await authorize(ports, actor, { operation: 'skills:write', skill });
  const entry = await showSkill(ports.catalogs, actor.rights, skill);
  const known = entry.manifest.examples;
  const items = suggestExamples(await queriesOf(ports, actor, skill), {
    known,
    limit: Math.min(limit, MAX_EXAMPLES - known.length),
  });
  if (apply && items.length > 0) {
    const added = items.map(({ query }) => query);
    await ports.editManifest(entry, { examples: [...known, ...added] });
    await recordAudit(ports, actor, { action: 'examples_added', skill, after: { examples: added.length } });
  }
  return { file: entry.file, items };
}

/** The queries of successful runs, and those that feedback names; not those that feedback gives to another skill. */
async function queriesOf(
  ports: SuggestionPorts,
  { rights }: Actor,
  skill: SkillId,
): Promise<readonly AskedQuery[]> {
  const { items } = await listRuns(ports, { rights, skill, status: ['success'], limit: MAX_QUERIES });
  const feedback = await ports.readFeedback(rights.tenant);
  const ofRuns = items.flatMap(({ query, createdAt: at }) => (query === undefined ? [] : [{ query, at }]));
  const mayReadFeedback = mayOperate(rights, 'feedback:write').isAllowed;
  const given = mayReadFeedback ? [...feedback.entries.values()] : [];
  const ofFeedback = given.flatMap(({ skill: routed, expected = routed, query, at }) =>
    query === undefined || expected !== skill ? [] : [{ query, at }],
  );
  // The entries are ordered by time, oldest first.
  return [...ofRuns, ...ofFeedback.slice(-MAX_QUERIES)].filter(({ query }) => {
    const corrected = feedback.correctedTo(query);
    return corrected === undefined || corrected === skill;
  });
}
