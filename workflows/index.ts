/** What the workflow bundle exports: the one workflow type. */
export { run } from './run.ts';
