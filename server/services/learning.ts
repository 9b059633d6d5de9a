/** Feedback for the endpoints, and for the routing of requests. */
import { feedbackPorts } from '../../client/learning/feedback.ts';
import type { FeedbackPorts } from '../../client/learning/feedback.ts';
import { answerKeeper } from '../../client/learning/answers.ts';
import { lastQueries } from '../../client/learning/last-query.ts';
import type { ClientPorts } from '../../client/ports.ts';
import type { RoutingPorts } from '../../client/submit/submission.ts';

interface Learning {
  readonly feedback: FeedbackPorts;
  readonly routing: Required<Pick<RoutingPorts, 'feedback' | 'onAnswered'>>;
}

export function openLearning(ports: ClientPorts): Learning {
  const queries = lastQueries(ports.records, ports.now);
  const feedback = feedbackPorts(ports, queries);
  const keepAnswer = answerKeeper(ports, queries);
  return {
    feedback,
    routing: {
      feedback: feedback.readFeedback,
      // The answer to a query does not wait until it is kept.
      onAnswered: async (caller, answer) => void keepAnswer(caller, answer),
    },
  };
}
