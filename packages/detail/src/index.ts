export * from './agent-detail.ts';
export * from './detail.ts';
export { decided, eventsOf, latest } from './events.ts';
export { latestBoxes } from './mail/latest-boxes.ts';
export { readMessages } from './mail/mail.ts';
export {
  type Correspondence,
  correspondenceOf,
  type Message,
  type Received,
  type ReceivedAnswer,
} from './mail/message.ts';
export { shownMessage } from './mail/shown-names.ts';
export { DetailReader, progressOf, readDetail } from './read-detail.ts';
export { checksIn } from './results/checks.ts';
export { type ResultBranches, readResultBranches } from './results/result-branches.ts';
export { resultDiffs } from './results/result-diffs.ts';
export { RESULT_GIT } from './results/result-git.ts';
export * from './results/results-detail.ts';
export type { DetailSource, MemberSource } from './source.ts';
export * from './step-detail.ts';
export { agentOf, gateDetails, stepDetails, stepOfAgent } from './steps.ts';
export {
  readTranscript,
  type TranscriptOptions,
  type TranscriptPage,
} from './transcript/transcript.ts';
export type { TranscriptEntry, TranscriptKind } from './transcript/transcript-entry.ts';
export { VolumeReader, type VolumeSource } from './volume/volume-reader.ts';
export type { AgentReading, VolumeReading } from './volume/volume-reading.ts';
export { type TeamOfWorkflow, workflowSource } from './workflow-source.ts';
