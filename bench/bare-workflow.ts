/** Hand-written workflows for comparison: one activity, ten in sequence, ten in parallel. */
import { proxyActivities } from '@temporalio/workflow';

const { callSkill } = proxyActivities<{ callSkill(payload: string): Promise<string> }>({
  startToCloseTimeout: '60s',
});

export async function bare(payload: string): Promise<string> {
  return callSkill(payload);
}

export async function bareChain(payload: string, length: number): Promise<string> {
  let output = payload;
  for (let step = 0; step < length; step++) output = await callSkill(output);
  return output;
}

export async function bareGroup(payload: string, size: number): Promise<string> {
  const outputs = await Promise.all(Array.from({ length: size }, () => callSkill(payload)));
  return outputs.join('\n');
}
