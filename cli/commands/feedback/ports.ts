import { feedbackPorts } from '../../../client/learning/feedback.ts';
import type { FeedbackPorts } from '../../../client/learning/feedback.ts';
import { lastQueries } from '../../../client/learning/last-query.ts';
import { openRuntime } from '../../runtime.ts';
import type { RuntimeSource } from '../../runtime.ts';

export function openFeedback(source: RuntimeSource): FeedbackPorts {
  const { ports } = openRuntime(source);
  return feedbackPorts(ports, lastQueries(ports.records, ports.now));
}
