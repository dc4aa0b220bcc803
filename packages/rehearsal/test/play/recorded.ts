/**
 * Requests of claude 2.1.330 after it resumed a session that was stopped during a turn with two calls.
 * They were recorded from the real CLI; its own reminders are removed.
 */
export type Message = Readonly<Record<string, unknown>>;

const BEGIN: Message = { role: 'user', content: [{ type: 'text', text: 'Begin.' }] };

const ASKED: Message = {
  role: 'assistant',
  content: [
    { type: 'text', text: 'One.' },
    {
      type: 'tool_use',
      id: 'toolu_mate_1_1_1',
      name: 'Bash',
      input: { command: 'echo first >> log' },
    },
    {
      type: 'tool_use',
      id: 'toolu_mate_1_2_1',
      name: 'Bash',
      input: { command: 'echo second >> log' },
    },
  ],
};

const GO_ON: readonly Message[] = [
  { role: 'assistant', content: [{ type: 'text', text: 'No response requested.' }] },
  {
    role: 'user',
    content: [{ type: 'text', text: 'Go on.', cache_control: { type: 'ephemeral' } }],
  },
];

const refused = (id: string, content: string): Message => ({
  type: 'tool_result',
  content,
  is_error: true,
  tool_use_id: id,
});

const done = (id: string): Message => ({
  tool_use_id: id,
  type: 'tool_result',
  content: '(Bash completed with no output)',
  is_error: false,
});

const UNRECORDED =
  "[Tool call interrupted: the session ended before this call's result was recorded, so its outcome is unknown. Check whether it took effect before relying on it or running it again.]";

const REJECTED =
  "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit, the new_string was NOT written to the file). STOP what you are doing and wait for the user to tell you how to proceed.";

const WHILE_RUNNING =
  ' Correction to the text above: this call was stopped while running, not refused before it ran. It may have run in part or in full, and its changes may have been written. No permission prompt was involved. Work it started elsewhere (a remote command, a background process) may still be running, so check before starting the same work again. The instruction to stop and wait still stands.';

const BY_USER: Message = { type: 'text', text: '[Request interrupted by user for tool use]' };

const stopped = (...results: readonly Message[]): readonly Message[] => [
  BEGIN,
  ASKED,
  { role: 'user', content: results },
  ...GO_ON,
];

/** After SIGKILL or SIGTERM, before or while the first call ran. */
export const KILLED: readonly Message[] = stopped(
  refused('toolu_mate_1_1_1', UNRECORDED),
  refused('toolu_mate_1_2_1', UNRECORDED),
);

/** After the runner's interrupt, before the first call ran. */
export const INTERRUPTED: readonly Message[] = stopped(
  refused('toolu_mate_1_1_1', REJECTED),
  refused('toolu_mate_1_2_1', REJECTED),
  BY_USER,
);

/** After an interrupt while the second call ran. */
export const INTERRUPTED_WHILE_RUNNING: readonly Message[] = stopped(
  done('toolu_mate_1_1_1'),
  refused('toolu_mate_1_2_1', `${REJECTED}${WHILE_RUNNING}`),
  BY_USER,
);
