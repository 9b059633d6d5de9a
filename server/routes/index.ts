/** Every endpoint of the API. */
import type { Endpoint } from '../endpoint.ts';
import { HEALTH } from './health.ts';
import { RUN } from './run.ts';
import { RUNS } from './runs.ts';
import { SKILLS } from './skills.ts';

export const ENDPOINTS: readonly Endpoint[] = [...HEALTH, ...RUN, ...RUNS, ...SKILLS];
