/** The hand-written alternative: one workflow, one activity, nothing else. */
import { proxyActivities } from '@temporalio/workflow';

const { callSkill } = proxyActivities<{ callSkill(payload: string): Promise<string> }>({
  startToCloseTimeout: '60s',
});

export async function bare(payload: string): Promise<string> {
  return callSkill(payload);
}
