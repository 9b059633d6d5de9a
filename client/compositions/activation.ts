/** Activates a composition, which needs a passed test of its present content and an approval. */
import type { DecisionWord } from '../../core/approvals/approval.ts';
import { compositionDigest, isActive } from '../../core/skills/composition.ts';
import type { Composition } from '../../core/skills/composition.ts';
import { unsavedVersion } from '../../core/skills/composition-version.ts';
import { isSameSecret } from '../../core/values/digest.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import type { SkillContent } from '../../core/testing/skill-test.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import { findComposition } from './compositions.ts';
import type { ComposedEntry, CompositionPorts } from './compositions.ts';
import type { ClientPorts } from '../ports.ts';
import { readContent } from '../skills/skill-content.ts';
import type { ContentPorts } from '../skills/skill-content.ts';
import { findReport } from '../skills/skill-tests.ts';

export type ActivationPorts = CompositionPorts & ContentPorts & Pick<ClientPorts, 'records'>;

interface StartRequest {
  readonly id: SkillId;
  /** The decision; if absent, only the checks are made. */
  readonly decision: DecisionWord | undefined;
  readonly token: {
    /** The token that every decision must present; undefined if none is configured. */
    readonly required: string | undefined;
    readonly presented: string | undefined;
  };
}

export interface Activation {
  readonly status: 'activated' | 'tests_required' | 'approval_required' | 'approval_denied';
  readonly version: string;
  /** Reason in words, for `tests_required`. */
  readonly message?: string;
}

/**
 * Activating an active composition changes nothing. Rejects with `unknown_composition`, with `approval_proof_invalid` if the
 * token is missing or wrong, and as `authorize` and `readContent` do.
 */
export async function activateComposition(
  ports: ActivationPorts,
  actor: Actor,
  ask: StartRequest,
): Promise<Activation> {
  const { id, decision } = ask;
  await authorize(ports, actor, { operation: 'skills:write', skill: id });
  await findComposition(ports.catalogs, id); // before the lock file is created
  return ports.compositions.exclusively(id, async () => {
    const entry = await findComposition(ports.catalogs, id);
    const { version } = entry.composition;
    const content = await readContent(ports, id);
    const untested = await reasonToTest(ports, content);
    if (untested !== undefined) return { status: 'tests_required', version, message: untested };
    if (decision === undefined) return { status: 'approval_required', version };
    await admitDecision(ports, actor, ask);
    if (decision === 'denied') {
      await recordAudit(ports, actor, { action: 'approval_denied', skill: id, after: { version } });
      return { status: 'approval_denied', version };
    }
    if (isActive(entry.composition)) return { status: 'activated', version };
    return { status: 'activated', version: await activate(ports, actor, entry) };
  });
}

async function reasonToTest(ports: ActivationPorts, content: SkillContent): Promise<string | undefined> {
  const report = await findReport(ports, content);
  if (report?.passed === true) return undefined;
  const { id } = content.entry;
  return report === undefined
    ? `Composition "${id}" has not been tested as it and its skills are now`
    : `Composition "${id}" failed its test of ${report.at}`;
}

async function admitDecision(
  ports: ActivationPorts,
  actor: Actor,
  { id, token }: StartRequest,
): Promise<void> {
  await authorize(ports, actor, { operation: 'approvals:decide', skill: id });
  const { required, presented } = token;
  if (required === undefined || (presented !== undefined && isSameSecret(presented, required))) return;
  const message = `Cannot decide about "${id}": the approval token is ${presented === undefined ? 'missing' : 'wrong'}`;
  throw new SkillosError('approval_proof_invalid', message);
}

/** Saves content that was edited by hand as a version of its own first. Returns the version that is active afterwards. */
async function activate(ports: ActivationPorts, actor: Actor, entry: ComposedEntry): Promise<string> {
  const { composition } = entry;
  const { id, steps } = composition;
  const kept = await ports.compositions.versions(id);
  const at = new Date(ports.now()).toISOString();
  const by = actor.rights.principal.subject;
  refuseOwn(actor.rights, kept.find(({ version }) => version === composition.version)?.created_by, id);
  const hand = unsavedVersion(composition, kept);
  const version = hand?.version ?? composition.version;
  if (hand !== undefined) {
    await ports.compositions.keep({
      id,
      steps,
      version,
      created_at: at,
      created_by: by,
      origin: 'edited by hand',
    });
  }
  const activated = { digest: compositionDigest(composition), at, by };
  const active: Composition = { ...composition, version, active: true, activated };
  await ports.compositions.replace(active);
  if (version !== entry.manifest.version) await ports.editManifest(entry, { version });
  await recordAudit(ports, actor, {
    action: 'composition_activated',
    skill: id,
    before: { active: false },
    after: { active: true, version, digest: activated.digest },
  });
  return version;
}

/** In production the author of a composition may not activate it. */
function refuseOwn({ production, principal }: Rights, author: string | undefined, id: SkillId): void {
  if (!production || author !== principal.subject) return;
  const message = `Cannot activate "${id}": in production somebody else must approve what "${author}" composed`;
  throw new SkillosError('permission_denied', message);
}
