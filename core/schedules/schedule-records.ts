/** The records of schedules in the store; no other file names their kind. */
import type { JsonObject } from '../json.ts';
import type { ListPage, Records } from '../storage/records.ts';
import { qualifiedScheduleId } from '../values/schedule-id.ts';
import type { Schedule } from './schedule.ts';

/** Identifies a schedule. */
type ScheduleName = Pick<Schedule, 'tenant' | 'id'>;

/** A typed view of `Records`. Each call rejects as the store does. */
export interface ScheduleRecords {
  /** Resolves to undefined if the schedule does not exist. */
  get(name: ScheduleName): Promise<Schedule | undefined>;
  /** Updates the record like `Records.update`: `change` is pure and may be called again after a conflict. */
  update(
    name: ScheduleName,
    change: (current: Schedule | undefined) => Schedule | undefined,
  ): Promise<Schedule | undefined>;
  /** Lists the schedules of all tenants by qualified id, including those that are marked for removal. */
  list(): Promise<readonly Schedule[]>;
  /** Lists at most `limit` of these, after a qualified id. */
  page(page: { readonly limit: number; readonly after: ScheduleName }): Promise<readonly Schedule[]>;
}

const KIND = 'schedules';
/** Each page lists the folder again, where storage is files. */
const PAGE = 10_000;

/** The type of a record is plain JSON without an index signature; only SkillOS writes records. */
type Stored = JsonObject & Schedule;

export function scheduleRecords(records: Records): ScheduleRecords {
  return {
    get: ({ tenant, id }) => records.get<Stored>(KIND, qualifiedScheduleId(tenant, id)),
    update: ({ tenant, id }, change) =>
      records.update<Stored>(
        KIND,
        qualifiedScheduleId(tenant, id),
        (current) => change(current) as Stored | undefined,
      ),
    list: () => listAll(records),
    page: async ({ limit, after: { tenant, id } }) => {
      const stored = await records.list<Stored>(KIND, { limit, after: qualifiedScheduleId(tenant, id) });
      return stored.map(({ value }) => value);
    },
  };
}

async function listAll(records: Records): Promise<readonly Schedule[]> {
  const all: Schedule[] = [];
  for (let page: ListPage = { limit: PAGE }; ;) {
    const stored = await records.list<Stored>(KIND, page);
    all.push(...stored.map(({ value }) => value));
    const last = stored.at(-1);
    if (last === undefined || stored.length < PAGE) return all;
    page = { limit: PAGE, after: last.key };
  }
}
