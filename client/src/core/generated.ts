/** The server's events, routes, payloads and errors. Printed from its tables by `./dev docs`; do not edit. */
export type Role = 'Residence' | 'Security Personnel' | 'Admin' | 'Super Admin';
export type ConversationType = 'direct' | 'group';
export type MessageType = 'text' | 'image' | 'file' | 'voice' | 'link_preview' | 'system';
export type MessageStatus = 'queued' | 'sent' | 'delivered' | 'read';
export type BroadcastType = 'announcement' | 'maintenance' | 'security' | 'emergency' | 'utility' | 'general';
export type DevicePlatform = 'android' | 'ios' | 'web' | 'expo';
export type ErrorCode = string;

export interface Person {
  user_id: string;
  first_name: string;
  last_name: string;
}
export interface Reaction {
  reaction_id: string;
  message_id: string;
  user_id: string;
  emoji: string;
  created_at: string;
  user: Person;
}
export interface Me extends Person {
  email: string;
  role: Role;
  estate_id: string | null;
  estate_name: string | null;
  profile_picture_url: string | null;
}
export interface Preferences {
  locale: string | null;
  timeZone: string | null;
  quietHours: { from: string; to: string } | null;
}
