/** Emergencies that nobody can overlook. */
export function EmergencyDialog() {
  return null;
}
