/** Reads the policy files of a root at every call, so that an edit applies from the next run on. */
import path from 'node:path';
import { sha256 } from '../../core/values/digest.ts';
import { APPROVAL_FILE, parseApprovalFile } from '../../core/approvals/approval-file.ts';
import { PERMISSION_FILE, parsePermissionFile } from '../../core/rights/permission-file.ts';
import { MAX_POLICY_FILE_BYTES, invalidFile } from '../../core/rights/policy-file.ts';
import type { AbsentFile, InvalidFile } from '../../core/rights/policy-file.ts';
import type { Policies } from '../../core/preparing/policies.ts';
import { readTextFile } from '../files/text-file.ts';

export function openPolicies(root: string): Policies {
  return {
    permissions: reader(root, PERMISSION_FILE, parsePermissionFile),
    approvals: reader(root, APPROVAL_FILE, parseApprovalFile),
    version: () => {
      const found = [PERMISSION_FILE, APPROVAL_FILE].map((name) =>
        readTextFile(path.join(root, name), MAX_POLICY_FILE_BYTES),
      );
      return Promise.resolve(sha256(JSON.stringify(found)));
    },
  };
}

/** Parses only if the text has changed since the last call. */
function reader<Parsed>(root: string, name: string, parse: (text: string) => Parsed) {
  let last: { readonly text: string; readonly parsed: Parsed } | undefined;
  return async (): Promise<Parsed | AbsentFile | InvalidFile> => {
    const read = readTextFile(path.join(root, name), MAX_POLICY_FILE_BYTES);
    if (typeof read !== 'object') {
      if (last?.text !== read) last = { text: read, parsed: parse(read) };
      return last.parsed;
    }
    return read.problem === undefined ? { status: 'absent' } : invalidFile(name, read.problem);
  };
}
