/** The part of the typed client for runs that nobody types: jobs, schedules, and deliveries of webhooks. */
import type * as z from 'zod';
import type {
  deadQuery,
  job,
  jobCancelled,
  jobChange,
  jobEnqueued,
  jobPage,
  jobQuery,
  jobRequest,
} from './schemas/jobs.ts';
import type {
  backfill,
  backfillRequest,
  changeRequest,
  preview,
  previewRequest,
  schedule,
  scheduleChange,
  scheduleList,
  scheduleQuery,
  scheduleRequest,
} from './schemas/schedules.ts';
import type {
  delivery,
  deliveryPage,
  deliveryQuery,
  replayRequest,
  triggerList,
  webhookReply,
} from './schemas/webhooks.ts';
import { part } from './sdk-call.ts';
import type { Call, CallOptions, WriteOptions } from './sdk-call.ts';

type Job = z.output<typeof job>;
type JobPage = z.output<typeof jobPage>;
type JobEnqueued = z.output<typeof jobEnqueued>;
type JobCancelled = z.output<typeof jobCancelled>;
type JobChange = z.input<typeof jobChange>;
type Schedule = z.output<typeof schedule>;
type ScheduleChange = z.output<typeof scheduleChange>;
type ChangeRequest = z.input<typeof changeRequest>;
type Backfill = z.output<typeof backfill>;
type Delivery = z.output<typeof delivery>;
type WebhookReply = z.output<typeof webhookReply>;

export type JobCalls = ReturnType<typeof jobCalls>;
export type ScheduleCalls = ReturnType<typeof scheduleCalls>;
export type DeliveryCalls = ReturnType<typeof deliveryCalls>;

export function jobCalls(call: Call) {
  return {
    enqueue: (body: z.input<typeof jobRequest>, options: WriteOptions = {}) =>
      call<JobEnqueued>('POST', '/jobs', { ...options, body }),
    get: (id: string, options: CallOptions = {}) => call<Job>('GET', `/jobs/${part(id)}`, options),
    list: (query: z.input<typeof jobQuery> = {}, options: CallOptions = {}) =>
      call<JobPage>('GET', '/jobs', { ...options, query }),
    dead: (query: z.input<typeof deadQuery> = {}, options: CallOptions = {}) =>
      call<JobPage>('GET', '/jobs/dead', { ...options, query }),
    cancel: (id: string, body: JobChange = {}, options: CallOptions = {}) =>
      call<JobCancelled>('POST', `/jobs/${part(id)}/cancel`, { ...options, body }),
    requeue: (id: string, body: JobChange = {}, options: CallOptions = {}) =>
      call<JobEnqueued>('POST', `/jobs/${part(id)}/requeue`, { ...options, body }),
  };
}

export function scheduleCalls(call: Call) {
  const change =
    (action: 'enable' | 'disable' | 'trigger') =>
    (id: string, body: ChangeRequest = {}, options: CallOptions = {}) =>
      call<ScheduleChange>('POST', `/schedules/${part(id)}/${action}`, { ...options, body });
  return {
    add: (body: z.input<typeof scheduleRequest>, options: CallOptions = {}) =>
      call<Schedule>('POST', '/schedules', { ...options, body }),
    get: (id: string, options: CallOptions = {}) => call<Schedule>('GET', `/schedules/${part(id)}`, options),
    list: (query: z.input<typeof scheduleQuery> = {}, options: CallOptions = {}) =>
      call<z.output<typeof scheduleList>>('GET', '/schedules', { ...options, query }),
    remove: (id: string, options: CallOptions = {}) =>
      call<ScheduleChange>('DELETE', `/schedules/${part(id)}`, options),
    enable: change('enable'),
    disable: change('disable'),
    trigger: change('trigger'),
    backfill: (id: string, body: z.input<typeof backfillRequest>, options: CallOptions = {}) =>
      call<Backfill>('POST', `/schedules/${part(id)}/backfill`, { ...options, body }),
    preview: (body: z.input<typeof previewRequest>, options: CallOptions = {}) =>
      call<z.output<typeof preview>>('POST', '/schedules/preview', { ...options, body }),
  };
}

export function deliveryCalls(call: Call) {
  return {
    triggers: (options: CallOptions = {}) => call<z.output<typeof triggerList>>('GET', '/webhooks', options),
    list: (query: z.input<typeof deliveryQuery> = {}, options: CallOptions = {}) =>
      call<z.output<typeof deliveryPage>>('GET', '/webhooks/deliveries', { ...options, query }),
    get: (id: string, options: CallOptions = {}) =>
      call<Delivery>('GET', `/webhooks/deliveries/${part(id)}`, options),
    replay: (id: string, body: z.input<typeof replayRequest> = {}, options: CallOptions = {}) =>
      call<WebhookReply>('POST', `/webhooks/deliveries/${part(id)}/replay`, { ...options, body }),
  };
}
