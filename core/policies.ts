/** The gates of a run, in order, and their one verdict for the whole plan with the caller's rights. */
import type { SkillEntry } from './catalog.ts';
import { mayRun } from './permission-policy.ts';
import type { PermissionFile } from './permission-file.ts';
import type { Blocked, RunRequest } from './run.ts';

/** What policies look at besides the request. */
export interface PolicySnapshot {
  readonly permissionFile: PermissionFile;
  readonly production: boolean;
  /** Why the principal of the request is not to be believed; absent where it is. */
  readonly distrust?: string | undefined;
}

export interface PolicyQuestion {
  readonly request: RunRequest;
  /** The skills of the plan, each once, in its order. */
  readonly entries: readonly SkillEntry[];
  readonly snapshot: PolicySnapshot;
}

export type Verdict =
  { readonly kind: 'allow' } | ({ readonly kind: 'deny' } & Pick<Blocked, 'reason' | 'policy' | 'message'>);

type Policy = (question: PolicyQuestion) => Verdict;

const POLICIES: readonly Policy[] = [identityPolicy, permissionPolicy];

/** The first policy that does not allow decides. */
export function judge(question: PolicyQuestion): Verdict {
  for (const policy of POLICIES) {
    const verdict = policy(question);
    if (verdict.kind !== 'allow') return verdict;
  }
  return { kind: 'allow' };
}

function identityPolicy({ snapshot: { distrust } }: PolicyQuestion): Verdict {
  if (distrust === undefined) return { kind: 'allow' };
  return { kind: 'deny', reason: 'permission_denied', policy: 'identity', message: distrust };
}

function permissionPolicy({ request, entries, snapshot }: PolicyQuestion): Verdict {
  const { principal, tenant } = request;
  const rights = { principal, tenant, file: snapshot.permissionFile, production: snapshot.production };
  for (const entry of entries) {
    const ruling = mayRun(rights, entry);
    if (!ruling.isAllowed) {
      const { reason, policy, message } = ruling;
      return { kind: 'deny', reason, policy, message };
    }
  }
  return { kind: 'allow' };
}
