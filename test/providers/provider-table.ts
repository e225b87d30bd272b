import {
  anthropicMessages,
  azureDeployment,
  azureResponses,
  customChat,
  huggingfaceRouter,
  ollamaNative,
  openaiChat,
  openaiResponses,
  type Subject,
} from './subjects.ts';

/** The vendors of the README's table, by their heads. */
export const columns: readonly (readonly [string, Subject])[] = [
  ['Ollama', ollamaNative],
  ['OpenAI Responses', openaiResponses],
  ['OpenAI Chat', openaiChat],
  ['Azure (v1)', azureResponses],
  ['Azure (deployment)', azureDeployment],
  ['Anthropic', anthropicMessages],
  ['Hugging Face', huggingfaceRouter],
  ['Custom', customChat],
];

/** A line of the table, and the tests of the suite that prove it, by their names. */
export interface Row {
  readonly name: string;
  readonly tests: readonly string[];
  /** Why a vendor cannot do it; undefined: it can, and its tests run. */
  readonly lacks?: (subject: Subject) => string | undefined;
}

const unless = (can: keyof Subject['says'], reason: string) => (subject: Subject) =>
  subject.says[can] ? undefined : reason;

/** What every vendor must do. The suite fails where a test of a line does not run, or runs although it is said to lack. */
export const rows: readonly Row[] = [
  { name: 'Streamed text, one end', tests: ['streams plain text and says once why it stopped'] },
  {
    name: 'Tool call, result, answer',
    tests: ['asks for a tool, takes its result and answers', 'calls a tool without arguments'],
  },
  { name: 'Two parallel calls', tests: ['tells two parallel calls apart and takes both results'] },
  {
    name: 'Arguments that are no JSON object',
    tests: ['marks arguments that are no JSON object'],
    lacks: unless('invalidArguments', 'Its arguments are JSON objects, parsed by the server.'),
  },
  { name: 'Image of a message', tests: ['shows an image that came with a message'] },
  {
    name: 'PDF of a message',
    tests: ['shows a PDF that came with a message'],
    lacks: unless('pdf', 'Its text is read to the model instead.'),
  },
  { name: 'Reasoning apart from text', tests: ['keeps thoughts apart from text'] },
  {
    name: 'Reasoning given back with its calls',
    tests: ['gives the thoughts back with the calls they led to'],
    lacks: unless('replay', 'Chat Completions has no place for thoughts in a request.'),
  },
  {
    name: 'Provider switch in mid-thread',
    tests: ['drops the state of another model, with ids and names it made up'],
  },
  { name: 'Usage', tests: ['counts tokens the same way as every vendor'] },
  {
    name: 'Usage of cache and reasoning',
    tests: ['counts tokens of its cache and of its thoughts'],
    lacks: unless('cache', 'It reports neither.'),
  },
  { name: 'Unicode split across chunks', tests: ['reads characters that are cut in two on the way'] },
  { name: 'Length', tests: ['says that the answer was cut at its greatest length'] },
  {
    name: 'Refusal',
    tests: ['says that the model refused'],
    lacks: unless('refusal', 'A refusal is text like any other.'),
  },
  {
    name: 'Content filter',
    tests: ['says that a filter stopped the answer'],
    lacks: ({ says, wire }) => {
      if (says.contentFilter) return undefined;
      return wire === 'messages' ? 'It answers with an error, or refuses.' : 'It has none.';
    },
  },
  {
    name: 'Limits and temperature in the vendor’s words',
    tests: ['sends limits and temperature in the words of the vendor'],
  },
  {
    name: 'Context overflow',
    tests: ['context_overflow is context_overflow and not tried again'],
  },
  {
    name: '401, 403, 404, quota',
    tests: [
      'a wrong key is auth, and the message names vendor and model but no key',
      'forbidden is permission and not tried again',
      'model_not_found is not_found and not tried again',
      'quota is quota_exhausted and not tried again',
    ],
  },
  { name: 'Orphan tool result', tests: ['an orphan tool result is a bad request'] },
  {
    name: '429 with Retry-After, capped',
    tests: [
      'rate_limited is tried again',
      'waits as long as the vendor asks',
      'gives up at once when the vendor asks for too long a wait',
    ],
  },
  {
    name: '500 and overload',
    tests: [
      'server_error is tried again',
      'overloaded is tried again',
      'gives up after two retries, each after a longer wait',
    ],
  },
  {
    name: 'Cut socket, restart after shown text',
    tests: ['begins again when the socket is cut after text was shown', 'names a lasting cut'],
  },
  {
    name: 'End without the terminal event',
    tests: ['begins again when the stream ends without its terminal event', 'names a lasting eof'],
  },
  {
    name: 'Malformed JSON',
    tests: ['begins again when the stream holds broken JSON', 'names a lasting malformed'],
  },
  { name: 'Vendor’s error in the stream', tests: ['begins again when the vendor fails in the middle'] },
  {
    name: 'Stall',
    tests: [
      'begins again when the stream stalls, and closes the stalled one',
      'tries again without a restart when nothing was shown',
      'names a lasting stall',
    ],
  },
  { name: 'No call twice by a retry', tests: ['keeps a call once when it begins again after it'] },
  { name: 'Server away', tests: ['names a server that is not there'] },
  {
    name: 'Abort',
    tests: [
      'calls nobody when it is aborted before it begins',
      'ends at once in the middle of a stream and closes its connection',
      'ends at once before the headers',
      'closes its connection when nobody listens any more',
    ],
  },
];
