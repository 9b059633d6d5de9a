/** Settings of approvals: the secret of who may decide, once for the worker and once for the person. */
import { setting, text } from './setting.ts';

export const APPROVAL_SETTINGS = {
  approvalToken: setting({
    variable: 'SKILLOS_APPROVAL_TOKEN',
    schema: text,
    expected: 'a text',
    meaning: 'What whoever decides on an approval must prove to know, where the worker has it.',
    secret: true,
    inWorker: true,
    guards: true,
  }),
  approverToken: setting({
    variable: 'SKILLOS_APPROVER_TOKEN',
    schema: text,
    expected: 'a token, or @file',
    meaning: 'The approval token that a decision presents, where --approval-token is absent.',
    secret: true,
    personal: true,
  }),
} as const;
