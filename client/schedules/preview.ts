/** Previews the firings of a schedule that is not stored. Needs no Temporal. */
import type { JsonObject } from '../../core/json.ts';
import { parseInstant } from '../../core/schedules/instant.ts';
import { previewFirings } from '../../core/schedules/preview.ts';
import type { PreviewLine } from '../../core/schedules/preview.ts';
import { previewDocument } from '../../core/schedules/schedule-document.ts';
import { parseScheduleRequest } from '../../core/schedules/schedule-request.ts';
import type { TimingRequest } from '../../core/schedules/timing.ts';
import { timingText } from '../../core/schedules/timing-text.ts';
import type { OffsetAt } from '../../core/schedules/zone.ts';
import { zoneOf } from './ports.ts';
import type { SchedulePorts } from './ports.ts';

export interface PreviewRequest extends TimingRequest {
  readonly timezone?: string | undefined;
  /** The zone if the request contains none. */
  readonly zone: string;
  /** ISO 8601; default: now. */
  readonly from?: string | undefined;
  readonly count: number;
}

export interface Preview {
  readonly words: string;
  readonly lines: readonly PreviewLine[];
  readonly offsetAt: OffsetAt;
  readonly document: JsonObject & { readonly schema: string };
}

/** Throws `invalid_schedule`. */
export function previewOf(ports: Pick<SchedulePorts, 'zones' | 'now'>, request: PreviewRequest): Preview {
  const firing = parseScheduleRequest(request, ports.zones, request.zone);
  const zone = zoneOf(ports, firing);
  const from = request.from === undefined ? ports.now() : parseInstant(request.from, zone, '--from');
  const lines = previewFirings(firing, { from, count: request.count }, zone.offsetAt);
  const words = timingText(firing.timing, zone.name);
  return {
    words,
    lines,
    offsetAt: zone.offsetAt,
    document: previewDocument(lines, { words, timezone: zone.name }),
  };
}
