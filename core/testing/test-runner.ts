/** Port for running the tests of skills. */
import type { ConnectorExchange } from './connector-exchange.ts';
import type { FileCoverage } from './coverage.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Plan } from '../plans/plan.ts';
import type { Search } from './eval.ts';
import type { Recording } from './recording.ts';
import type { CodedSkill, TestResult } from './skill-test.ts';
import type { SkillId } from '../values/skill-id.ts';

/** What answers a test: a recording, or answers of connectors alone. */
type Fixture = Pick<Recording, 'calls'> & Partial<Pick<Recording, 'exchanges' | 'at'>> & Limit;

interface Limit {
  /** Of the whole plan, in addition to the timeouts of its skills. */
  readonly timeoutMs?: number | undefined;
}

/** Runs skills as a worker does, in processes without network access and with a temporary home folder. */
export interface TestRunner {
  /** From now on skills and tests run in a temporary copy of the root, without its state and secrets. */
  copyRoot(): Promise<void>;
  /** Runs each step once. Rejects with the error with which a run would end. */
  run(plan: Plan<CodedSkill>, payload: JsonValue, fixture: Fixture): Promise<JsonValue>;
  /** Runs the test file of the skill, in the sandbox if `isConfined`; empty if there is none. */
  runTestFile(skill: SkillId, isConfined: boolean): Promise<readonly TestResult[]>;
  recordings(skill: SkillId): Promise<readonly Recording[]>;
  /** Answers of connectors for tests that replay no recording. Rejects with `recording_invalid`. */
  answers(skill: SkillId): Promise<readonly ConnectorExchange[]>;
  readonly search: Search;
  /** Coverage of all runs so far. */
  coverage(): Promise<readonly FileCoverage[]>;
  /** Stores the document and returns its path. */
  saveCoverage(document: JsonObject): Promise<string>;
  close(): Promise<void>;
}
