/**
 * How much is read of what agents can write, by programs that are not in that agent's own
 * container. The numbers are far above what 64 honest agents with long prompts and thousands of
 * messages produce, and low enough that a flood costs its readers a few megabytes and milliseconds.
 * docs/security.md lists them.
 */
export const LIMITS = {
  /** Files that this process reads at a time, whoever asks for them. */
  openFiles: 64,
  /** Nested arrays and objects in JSON. */
  jsonDepth: 64,
  /** Members of all arrays and objects in a JSON document. */
  jsonValues: 100_000,
  /** Names that are looked at in one directory. */
  names: 10_000,
  /** Any file without a limit of its own. */
  fileBytes: 16_777_216, // 16 Mi

  /** Tasks of a team. */
  tasks: 1_000,
  /** One task. It repeats a prompt, which may have 96 Ki characters. */
  taskBytes: 1_048_576, // 1 Mi
  /** Members of all arrays and objects in one task. */
  taskValues: 5_000,
  /** All tasks together. */
  tasksBytes: 16_777_216, // 16 Mi

  /** An inbox: a larger one is emptied unread. */
  inboxBytes: 8_388_608, // 8 Mi
  /** Messages and characters that wait in an inbox for the next delivery. */
  inboxMail: 1_000,
  inboxCharacters: 1_048_576, // 1 Mi
  /** Messages and characters that one delivery hands to a model. */
  deliveryMail: 100,
  deliveryCharacters: 131_072, // 128 Ki
  /** Characters of one message in a delivery. */
  mailCharacters: 32_768, // 32 Ki
  /** The record of the mail that an agent was given. */
  journalBytes: 33_554_432, // 32 Mi

  /** The roster repeats every agent's prompt. */
  rosterBytes: 4_194_304, // 4 Mi
  /** `state.json` of an agent. */
  stateBytes: 1_048_576, // 1 Mi
  /** Characters of a report that other agents get to read. */
  reportCharacters: 131_072, // 128 Ki
  /** Characters of the summary that an agent gives to the report tool. */
  summaryCharacters: 65_536, // 64 Ki
  /** Characters of the reason beside it. */
  reasonCharacters: 2_048, // 2 Ki
  /** Characters of all reports together that one prompt holds. */
  reportsCharacters: 262_144, // 256 Ki
  /** Characters of a report, or of a reason, in a snapshot of a team. */
  snapshotCharacters: 4_096, // 4 Ki

  /** A small file with a known content: an address, a marker, the list of checks. */
  smallFileBytes: 262_144, // 256 Ki

  /** Files of an output directory that are counted, and how deep they are looked for. */
  outputEntries: 10_000,
  outputDepth: 20,
} as const;
