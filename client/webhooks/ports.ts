/** The ports of webhooks, besides those of a submission. */
import type { AttachmentLimits } from '../../core/attachments/attachment-request.ts';
import type { RateDecision, RateLimit } from '../../core/limits/rate-limit.ts';
import type { PermissionFile } from '../../core/rights/permission-file.ts';
import type { Config } from '../../core/settings/config.ts';
import type { Triggers } from '../../core/webhooks/trigger.ts';
import type { AttachmentPorts } from '../attachments/attachments.ts';
import type { SubmitPorts } from '../submit/submission.ts';

export interface WebhookPorts {
  readonly submit: SubmitPorts;
  /** Rejects with `trigger_file_invalid`. */
  readonly triggers: () => Promise<Triggers>;
  /** Returns the value of a named secret; undefined if it has none. */
  readonly secret: (name: string) => string | undefined;
  readonly attachments: AttachmentPorts;
  /** Undefined if rate limits are off. */
  readonly limiter: WebhookLimiter | undefined;
  readonly permissions: () => Promise<PermissionFile>;
  readonly settings: WebhookSettings;
}

type WebhookSettings = AttachmentLimits &
  Pick<
    Config,
    | 'webhookSecret'
    | 'webhookAllowUnsigned'
    | 'production'
    | 'tenant'
    | 'rateLimitRequests'
    | 'rateLimitWindowSeconds'
  >;

export interface WebhookLimiter {
  take(key: string, rule: RateLimit): Promise<RateDecision>;
}
