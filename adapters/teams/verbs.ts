/** What the buttons of the bot's cards say to it: the verbs of `Action.Execute`, and `data.verb` of `Action.Submit`. */
export const verbs = {
  /** `data: { approvalId }`. */
  approve: 'approval_approve',
  /** `data: { approvalId }`, and `reason` from an input of the card. */
  deny: 'approval_deny',
  /** Opens a dialog: `data: { approvalId }`. */
  details: 'approval_details',
  /** The same, for other arguments. */
  edit: 'approval_edit',
  submitEdit: 'approval_edit_submit',
  /** `data: { approvalId }`, and `message` from an input of the card. */
  respond: 'approval_respond',
  /** Opens a dialog, or shows a link to the asker alone: `data: { approvalId }`. */
  openNeed: 'need_open',
  declineNeed: 'need_decline',
  needDone: 'need_done',
  /** `data: { concernId }`. */
  acknowledge: 'concern_acknowledge',
  /** `data: { concernId }`, and `minutes` from an input of the card. */
  snooze: 'concern_snooze',
  /** `data: { concernId }`. */
  reopen: 'concern_reopen',
  /** Runs a line of administration, or opens the dialog that it asks for: `data: { line, undo? }`. */
  runLine: 'admin_line',
  /** A dialog is submitted: `data: { place }`, and the inputs. */
  submitForm: 'form_submit',
  /** A field on which others depend changed: the dialog is drawn again. */
  redrawForm: 'form_redraw',
  /** What a form says is tried before it is saved. */
  tryForm: 'form_try',
  /** A dialog's answer to what the asker is asked for. */
  submitNeed: 'need_submit',
  ask: 'ask',
} as const;
