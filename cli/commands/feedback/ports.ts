import { feedbackPorts } from '../../../client/learning/feedback.ts';
import type { FeedbackPorts } from '../../../client/learning/feedback.ts';
import { lastQueries } from '../../../client/learning/last-query.ts';
import { openRuntime } from '../../runtime.ts';
import type { RuntimeSource } from '../../runtime.ts';

/** `runtime`: such as that of a checkout. */
export function openFeedback(source: RuntimeSource, runtime = openRuntime(source)): FeedbackPorts {
  const { ports } = runtime;
  return feedbackPorts(ports, lastQueries(ports.records, ports.now));
}
