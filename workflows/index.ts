/** The exports of the workflow bundle: the one workflow type. */
export { run } from './run.ts';
