/** The names under which the model of an agent CLI knows its tools and its mail. */
export interface Vocabulary {
  /** The tool that sends a message to another member. */
  readonly sendMail: string;
  /** The tool that reports how the agent ended. */
  readonly report: string;
  /** The tool that asks a person. */
  readonly ask: string;
  /** The tool that stops a background task. */
  readonly stopTask: string;
  /** The element that contains a received message, without the angle brackets. */
  readonly mailElement: string;
}
