import type { StepLabel } from "./step-label.js"

/**
 * One step of a run. Its label and its number among the steps with that label name it in a way that survives changes:
 * what other processes do more or less of does not touch it.
 */
export interface StepId {
  readonly label: StepLabel
  /** Which of the steps with this label, counted from 1 in the order in which they came to be. */
  readonly nth: number
}

/** The name of a step in case files and stories, e.g. `consumer#1 message-db.query request 3`. */
export const stepName = ({ label, nth }: StepId): string => `${label.text} ${nth}`
