/** Every endpoint of the API. */
import type { Endpoint } from '../http/endpoint.ts';
import { APPROVALS } from './approvals.ts';
import { DEPLOYMENTS } from './deployments.ts';
import { documentsOf } from './documents.ts';
import { FEEDBACK } from './feedback.ts';
import { HEALTH } from './health.ts';
import { INSPECTION } from './inspection.ts';
import { JOBS } from './jobs.ts';
import { OPERATIONS } from './operations.ts';
import { RUN } from './run.ts';
import { RUNS } from './runs.ts';
import { SCHEDULES } from './schedules.ts';
import { SESSIONS } from './sessions.ts';
import { SKILLS } from './skills.ts';
import { STEPS } from './steps.ts';
import { WEBHOOKS } from './webhooks.ts';

const WORKING: readonly Endpoint[] = [
  ...RUN,
  ...RUNS,
  ...INSPECTION,
  ...STEPS,
  ...SESSIONS,
  ...SCHEDULES,
  ...JOBS,
  ...WEBHOOKS,
  ...APPROVALS,
  ...SKILLS,
  ...FEEDBACK,
  ...OPERATIONS,
  ...DEPLOYMENTS,
  ...HEALTH,
];

export const ENDPOINTS: readonly Endpoint[] = [...WORKING, ...documentsOf(WORKING)];
