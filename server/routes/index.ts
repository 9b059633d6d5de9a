/** Every endpoint of the API. */
import type { Endpoint } from '../endpoint.ts';
import { APPROVALS } from './approvals.ts';
import { documentsOf } from './documents.ts';
import { HEALTH } from './health.ts';
import { OPERATIONS } from './operations.ts';
import { RUN } from './run.ts';
import { RUNS } from './runs.ts';
import { SKILLS } from './skills.ts';
import { STEPS } from './steps.ts';

const WORKING: readonly Endpoint[] = [
  ...RUN,
  ...RUNS,
  ...STEPS,
  ...APPROVALS,
  ...SKILLS,
  ...OPERATIONS,
  ...HEALTH,
];

export const ENDPOINTS: readonly Endpoint[] = [...WORKING, ...documentsOf(WORKING)];
