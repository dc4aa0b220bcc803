export {
  type Asked,
  type ErrorReply,
  type ModelReply,
  mistakeReply,
  type Reply,
  type ReplySource,
} from './api/reply.ts';
export { type MessagesRequest, readRequest } from './api/request.ts';
export { completeScript, defaultScript } from './default/default-script.ts';
export { ScriptSource } from './play/script-source.ts';
export { REHEARSED_KEYS, rehearsedCredentials } from './provider/credentials.ts';
export { type ParsedScript, parseScript } from './script/parse.ts';
export type {
  Moment,
  PeopleScript,
  ScriptedAnswer,
  ScriptedMessage,
  ScriptedPause,
} from './script/people.ts';
export type {
  AgentScript,
  Condition,
  McpServerScript,
  McpToolScript,
  Pace,
  Script,
  ScriptedError,
  ToolCall,
  Turn,
} from './script/script.ts';
export type { SeenRequest } from './server/handle.ts';
export { type Rehearsal, type RehearsalOptions, startRehearsal } from './start.ts';
