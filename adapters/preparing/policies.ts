/** The policy files of a root, read at every call, so that an edit applies from the next run on. */
import path from 'node:path';
import { sha256 } from '../../core/values/digest.ts';
import { APPROVAL_FILE, parseApprovalFile } from '../../core/approvals/approval-file.ts';
import { PERMISSION_FILE, parsePermissionFile } from '../../core/rights/permission-file.ts';
import { MAX_POLICY_FILE_BYTES, invalidFile } from '../../core/rights/policy-file.ts';
import type { AbsentFile, InvalidFile } from '../../core/rights/policy-file.ts';
import type { Policies } from '../../core/preparing/policies.ts';
import { readTextFile } from '../files/text-file.ts';
import type { TextRead } from '../files/text-file.ts';

/** Paths below the root. */
export const POLICY_FILES = [PERMISSION_FILE, APPROVAL_FILE] as const;
export type PolicyFile = (typeof POLICY_FILES)[number];

export function openPolicies(root: string): Policies {
  return policiesOf((name) => readPolicy(root, name));
}

/** Synchronous, as `readTextFile`. */
export function readPolicy(root: string, name: PolicyFile): TextRead {
  return readTextFile(path.join(root, name), MAX_POLICY_FILE_BYTES);
}

/** `read` is called for each file at every call. */
export function policiesOf(read: (name: PolicyFile) => TextRead): Policies {
  return {
    permissions: reader(() => read(PERMISSION_FILE), PERMISSION_FILE, parsePermissionFile),
    approvals: reader(() => read(APPROVAL_FILE), APPROVAL_FILE, parseApprovalFile),
    version: () => Promise.resolve(sha256(JSON.stringify(POLICY_FILES.map(read)))),
  };
}

/** Parses only if the text has changed since the last call. */
function reader<Parsed>(readText: () => TextRead, name: PolicyFile, parse: (text: string) => Parsed) {
  let last: { readonly text: string; readonly parsed: Parsed } | undefined;
  return async (): Promise<Parsed | AbsentFile | InvalidFile> => {
    const read = readText();
    if (typeof read !== 'object') {
      if (last?.text !== read) last = { text: read, parsed: parse(read) };
      return last.parsed;
    }
    return read.problem === undefined ? { status: 'absent' } : invalidFile(name, read.problem);
  };
}
