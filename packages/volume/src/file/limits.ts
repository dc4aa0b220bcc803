/**
 * How much a program outside an agent's container reads of what agents can write. The limits are far above
 * what 64 honest agents with long prompts and thousands of messages write, and low enough that a flood
 * costs its readers only a few megabytes and milliseconds. docs/security.md lists them.
 */
export const LIMITS = {
  /** Files that one process reads at a time. */
  openFiles: 64,
  /** Names that are listed of one directory. */
  names: 10_000,
  /** Any file without its own limit. */
  fileBytes: 16_777_216, // 16 Mi

  /** Tasks of one team. */
  tasks: 1_000,
  /** One task. It contains a prompt, which may have 96 Ki characters. */
  taskBytes: 1_048_576, // 1 Mi
  /** Members of all arrays and objects in one task. */
  taskValues: 5_000,
  /** All tasks together. */
  tasksBytes: 16_777_216, // 16 Mi

  /** An inbox; a larger one is emptied unread. */
  inboxBytes: 8_388_608, // 8 Mi
  /** Messages and characters that wait in an inbox for the next delivery. */
  inboxMail: 1_000,
  inboxCharacters: 1_048_576, // 1 Mi
  /** Messages and characters of one delivery to a model. */
  deliveryMail: 100,
  deliveryCharacters: 131_072, // 128 Ki
  /** Characters of one message in a delivery. */
  mailCharacters: 32_768, // 32 Ki
  /** Messages of people to one agent, and characters of one message and of the name of its sender. */
  personMessages: 1_000,
  personCharacters: 16_384, // 16 Ki
  personNameCharacters: 100,
  /** The `questions.json` of an agent. */
  questionsBytes: 524_288, // 512 Ki
  /** The end of one agent's journal, which is read for a person. */
  journalBytes: 8_388_608, // 8 Mi
  /** Messages to one agent, and their characters, that are listed for a person: the latest. */
  listedMail: 2_000,
  listedCharacters: 1_048_576, // 1 Mi

  /** The roster, which contains every agent's prompt. */
  rosterBytes: 4_194_304, // 4 Mi
  /** The `state.json` of an agent. */
  stateBytes: 1_048_576, // 1 Mi
  /** The `activity.json` of an agent. */
  activityBytes: 4_096, // 4 Ki
  /** Characters of a report that other agents read. */
  reportCharacters: 131_072, // 128 Ki
  /** Characters of the summary in a call of the report tool. */
  summaryCharacters: 65_536, // 64 Ki
  /** Characters of the reason in a call of the report tool. */
  reasonCharacters: 2_048, // 2 Ki
  /** Characters of all reports together in one prompt. */
  reportsCharacters: 262_144, // 256 Ki
  /** Characters of a report or a reason in a snapshot of a team. */
  snapshotCharacters: 4_096, // 4 Ki

  /** A small file with a known content, such as an address, a marker or the list of checks. */
  smallFileBytes: 262_144, // 256 Ki

  /** Entries and levels of an output directory that are searched for files. */
  outputEntries: 10_000,
  outputDepth: 20,
} as const;
