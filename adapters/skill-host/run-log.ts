/** Splits the output of one run into log lines, up to a limit. */
import { StringDecoder } from 'node:string_decoder';
import type { SkillLogLine } from '../../core/runs/skill-host.ts';
import type { OutputMask } from '../../core/settings/masking.ts';
import { maskedJson } from '../secrets/masked.ts';
import { MAX_LOG_LINES } from './protocol.ts';

type Stream = 'stdout' | 'stderr';

const MAX_LOG_CHARS = 1024 * 1024;
/** Longer lines are split. */
const MAX_LINE_CHARS = 8192;

export class RunLog {
  readonly #onLog: (line: SkillLogLine) => void;
  readonly #open = {
    stdout: { decoder: new StringDecoder('utf8'), text: '' },
    stderr: { decoder: new StringDecoder('utf8'), text: '' },
  };
  readonly #mask: OutputMask | undefined;
  #lines = 0;
  #chars = 0;
  #cut = false;

  constructor(onLog: (line: SkillLogLine) => void, mask?: OutputMask) {
    this.#onLog = onLog;
    this.#mask = mask;
  }

  write(stream: Stream, chunk: Buffer): void {
    if (this.#cut) return;
    const open = this.#open[stream];
    const lines = (open.text + open.decoder.write(chunk)).split('\n');
    open.text = lines.pop() ?? '';
    for (const line of lines) this.#print(stream, line);
    if (open.text.length <= 2 * MAX_LINE_CHARS) return;
    // A secret may go on in the next chunk, so the end of the text waits for it.
    const text = this.#masked(open.text);
    const printed = (Math.floor(text.length / MAX_LINE_CHARS) - 1) * MAX_LINE_CHARS;
    if (printed > 0) this.#print(stream, text.slice(0, printed));
    open.text = text.slice(Math.max(0, printed));
  }

  line(line: SkillLogLine): void {
    if (this.#cut) return;
    this.#lines++;
    this.#chars += line.message.length + (line.fields ? JSON.stringify(line.fields).length : 0);
    this.#cut = this.#lines > MAX_LOG_LINES || this.#chars > MAX_LOG_CHARS;
    if (!this.#cut) this.#onLog(this.#maskedLine(line));
    else
      this.#onLog({
        stream: 'stderr',
        message: `log cut: over ${MAX_LOG_LINES} lines or ${MAX_LOG_CHARS} characters`,
      });
  }

  /** Logs an incomplete last line. */
  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const { decoder, text } = this.#open[stream];
      const rest = text + decoder.end();
      if (rest !== '') this.#print(stream, rest);
    }
  }

  #print(stream: Stream, line: string): void {
    const text = this.#masked(line.endsWith('\r') ? line.slice(0, -1) : line);
    for (let at = 0; at === 0 || at < text.length; at += MAX_LINE_CHARS) {
      this.line({ stream, message: text.slice(at, at + MAX_LINE_CHARS) });
    }
  }

  #masked(text: string): string {
    return this.#mask === undefined ? text : this.#mask.text(text);
  }

  #maskedLine({ message, fields, ...line }: SkillLogLine): SkillLogLine {
    const mask = this.#mask;
    const shown = mask && fields ? maskedJson(fields, mask) : fields;
    return {
      ...line,
      message: this.#masked(message).slice(0, MAX_LINE_CHARS),
      ...(shown && { fields: shown }),
    };
  }
}
