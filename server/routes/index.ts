/** Every endpoint of the API. */
import type { Endpoint } from '../endpoint.ts';
import { documentsOf } from './documents.ts';
import { HEALTH } from './health.ts';
import { OPERATIONS } from './operations.ts';
import { RUN } from './run.ts';
import { RUNS } from './runs.ts';
import { SKILLS } from './skills.ts';

const WORKING: readonly Endpoint[] = [...RUN, ...RUNS, ...SKILLS, ...OPERATIONS, ...HEALTH];

export const ENDPOINTS: readonly Endpoint[] = [...WORKING, ...documentsOf(WORKING)];
