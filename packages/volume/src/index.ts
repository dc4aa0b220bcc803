export * from './agent-activity.ts';
export * from './agent-state.ts';
export { mapFew } from './file/each.ts';
export { isGitPath } from './file/git-path.ts';
export { LIMITS } from './file/limits.ts';
export { type Listing, listNames } from './file/list.ts';
export { type HeldLock, LockLostError, withLock } from './file/lock.ts';
export { isSafeName, safeName } from './file/name.ts';
export { inCreatedDirectory, inDirectory, RefusedError } from './file/open-directory.ts';
export {
  openPlainFile,
  type Reading,
  readEndOfAgent,
  readFileOfAgent,
  readUntrusted,
  readUntrustedJson,
  refusalOf,
  sizeText,
} from './file/read.ts';
export { removeTrees, removeTreesNow } from './file/remove.ts';
export {
  digestOf,
  listSizedFiles,
  openResult,
  parentsOf,
  type SizedFile,
  type SizedFiles,
} from './file/results.ts';
export {
  freeInodes,
  StorageError,
  type StorageFault,
  storageErrorOf,
} from './file/storage-error.ts';
export { type FoundFiles, findFiles } from './file/walk.ts';
export { type WriteOptions, writeJson, writeJsonOnce } from './file/write.ts';
export * from './gateway-address.ts';
export * from './inbox.ts';
export * from './interrupt.ts';
export * from './journal.ts';
export { type ListedMail, latestMail } from './latest-mail.ts';
export { type Mail, mailId, parseInbox } from './mail.ts';
export * from './mail-element.ts';
export * from './mail-history.ts';
export * from './message-parts.ts';
export * from './native-team.ts';
export * from './person-element.ts';
export * from './person-message.ts';
export * from './protocol-mail.ts';
export * from './provider-wait.ts';
export * from './question-answer.ts';
export * from './questions.ts';
export * from './read-live.ts';
export * from './recording.ts';
export * from './request-trace.ts';
export * from './roster.ts';
export * from './stop-marker.ts';
export * from './tasks.ts';
export * from './team-pause.ts';
export { Throttle } from './throttle.ts';
export * from './watch-directory.ts';
