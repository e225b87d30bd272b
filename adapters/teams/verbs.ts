/** What the buttons of the bot's cards say to it: the verbs of `Action.Execute`, and `data.verb` of `Action.Submit`. */
export const verbs = {
  /** `data: { approvalId }`. */
  approve: 'approval_approve',
  /** `data: { approvalId }`, and `reason` from an input of the card. */
  deny: 'approval_deny',
  /** Opens a dialog: `data: { approvalId }`. */
  details: 'approval_details',
  /** Opens a dialog, or shows a link to the asker alone: `data: { approvalId }`. */
  openNeed: 'need_open',
  declineNeed: 'need_decline',
  needDone: 'need_done',
  /** Opens a resource's form as a dialog: `data: { path, name? }`. */
  openForm: 'form_open',
  /** A dialog is submitted: `data: { place }`, and the inputs. */
  submitForm: 'form_submit',
  /** A field on which others depend changed: the dialog is drawn again. */
  redrawForm: 'form_redraw',
  /** A dialog's answer to what the asker is asked for. */
  submitNeed: 'need_submit',
  ask: 'ask',
} as const;
