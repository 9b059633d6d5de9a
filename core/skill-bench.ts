/** What testing needs of the world; adapters fulfil it. */
import type { FileCoverage } from './coverage.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { Plan } from './plan.ts';
import type { Recording } from './recording.ts';
import type { CodedSkill, TestResult } from './skill-test.ts';
import type { SkillId } from './skill-id.ts';

/** Skills run here as they run in a worker, in processes that are offline and have a home of their own. */
export interface SkillBench {
  /** One attempt of each step. Rejects with the error that a run would end with. */
  run(plan: Plan<CodedSkill>, payload: JsonValue, recording?: Recording): Promise<JsonValue>;
  /** What the author's own test file says; nothing where there is none. */
  runTestFile(skill: SkillId): Promise<readonly TestResult[]>;
  recordings(skill: SkillId): Promise<readonly Recording[]>;
  /** Of all that ran here so far. */
  coverage(): Promise<readonly FileCoverage[]>;
  /** Keeps a document of coverage and returns where. */
  saveCoverage(document: JsonObject): Promise<string>;
  close(): Promise<void>;
}
