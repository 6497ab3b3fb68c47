/** Bounds that both sides know. Names end in their unit; `_max` means the largest allowed value. */
export const limits = {
  /** A whole frame, before it is decoded. */
  frame_bytes_max: 65_536,
  /** Text of one message, in code points. */
  text_chars_max: 10_000,
  /** Custom data of a message, conversation or user, as JSON in UTF-8. */
  data_bytes_max: 16_384,
  /** Depth of any JSON that comes from outside. */
  json_depth_max: 32,
  /** `Idempotency-Key` over HTTP, in characters. */
  client_id_chars_max: 128,
  /** A user token. */
  token_chars_max: 4_096,
  /** A device's id, chosen by the client. */
  device_id_chars_max: 64,
  /** Name and version of the client, for logs. */
  agent_chars_max: 128,
  /** The customer's own id of a user. */
  external_id_chars_max: 128,
  /** Name of a user, conversation, app, tenant or key. */
  name_chars_max: 200,
  /** A signal's type. */
  signal_type_chars_max: 32,
  /** A signal's JSON in UTF-8. */
  signal_bytes_max: 4_096,
  /** How long a signal may be shown by its receiver. */
  signal_lifetime_ms_max: 30_000,
  /** How long `typing` may be shown by its receiver. */
  typing_lifetime_ms_max: 10_000,
  /** Users whose presence a connection follows at once. */
  watch_max: 200,
  /** How long a watch brings changes; it is renewed by sending it again. */
  watch_lifetime_ms: 60_000,
  /** Users named in one command. */
  members_per_command_max: 100,
  /** Items of one page. */
  page_items_max: 200,
  /** Items of one page when none are named. */
  page_items_default: 50,
  /** Users in one batch get. */
  batch_items_max: 100,
  /** Conversations that a connection follows at once. */
  follow_max: 200,
  /** Cursors in one hello. */
  cursors_max: 256,
  /** Facts of one stream in a replay before `truncated`, unless hello negotiates another number. */
  replay_facts_default: 1_000,
  /** Commands of one connection that wait for their answer. */
  in_flight_max: 1_024,
  /** Between two pings of the server. */
  heartbeat_ms: 25_000,
  /** From the open socket to hello. */
  hello_timeout_ms: 5_000,
  /** Unread counts stop here. */
  unread_max: 1_000,
  /** Conversations whose unread counts are added up. */
  unread_conversations_max: 1_000,
  /** Users that one message mentions by name. */
  mentions_max: 50,
  /** A reaction: an emoji, or a name of the app's own. */
  reaction_chars_max: 32,
  /** Different reactions to one message. */
  reactions_per_message_max: 50,
  /** Reactions of one user to one message. */
  reactions_per_user_max: 20,
  /** Question and each option of a poll. */
  poll_text_chars_max: 300,
  /** Options of one poll. */
  poll_options_max: 30,
  /** Pinned messages of one conversation. */
  pins_max: 100,
  /** Bookmarks of one user. */
  bookmarks_max: 1_000,
  /** Members of a conversation of whom it is told one by one who has read a message; of more only how many. */
  receipts_named_max: 100,
  /** Drafts of one user. */
  drafts_max: 500,
  /** Threads that one user follows. Above it no reply and no mention adds one. */
  threads_max: 1_000,
  /** A note beside a bookmark. */
  note_chars_max: 500,
  /** Roles that one conversation defines. */
  custom_roles_max: 20,
  /** Messages of one user that wait for their time. */
  scheduled_max: 500,
  /** Messages of one conversation that wait for approval. */
  held_max: 10_000,
  /** Users whom one user blocks. */
  blocks_max: 1_000,
  /** How long a call may ring. */
  call_ring_ms_max: 120_000,
  /** After that time a call that nobody has ended is over. */
  call_hours_max: 12,
  /** Users who have been in one call. */
  call_participants_max: 100,
  /** Links to join one conversation. */
  join_links_max: 100,
  /** Invitations to one conversation, and requests to join it, that wait for an answer. */
  invitations_max: 10_000,
  /** Later facts about one message that are looked at for whoever has not seen all of them. */
  changes_per_message_max: 1_000,
  /** What is searched for, in characters. */
  search_chars_max: 256,
  /** Words that are searched for at once. */
  search_words_max: 32,
  /** How long command keys are kept after their fact, SND2. */
  command_key_days: 90,
} as const;
