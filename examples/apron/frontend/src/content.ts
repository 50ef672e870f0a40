// What a real product would read from its own systems: enough of it to make
// the page around the dashboard believable.

export interface Airport {
  runways: string;
  wind: string;
  notes: { time: string; text: string }[];
  contacts: { name: string; duty: string; extension: string }[];
  gates: {
    name: string;
    terminal: string;
    aircraft?: string;
    state: "Boarding" | "Free" | "Turnaround" | "Closed";
    power: string;
  }[];
  teams: { name: string; area: string; people: string[] }[];
  messages: { from: string; time: string; text: string }[];
}

const airports: Record<string, Airport> = {
  DFW: {
    runways: "17R · 18L",
    wind: "170° at 11 kt",
    notes: [
      {
        time: "05:40",
        text: "Runway 18R/36L closed until 13:00 for joint sealing; expect longer taxi from the west side.",
      },
      {
        time: "06:15",
        text: "Grackles at the retention pond near 35C. Wildlife patrol doubled until 09:00.",
      },
      { time: "07:05", text: "Tug 14 back from the workshop and assigned to Terminal C." },
    ],
    contacts: [
      { name: "Luis Ortega", duty: "Ramp supervisor, east", extension: "4412" },
      { name: "Priya Raman", duty: "Wildlife control", extension: "4471" },
      { name: "Dale Hutchins", duty: "De-icing and fuel", extension: "4433" },
    ],
    gates: [
      { name: "A14", terminal: "A", aircraft: "B738", state: "Boarding", power: "400 Hz" },
      { name: "A16", terminal: "A", aircraft: "MD82", state: "Turnaround", power: "400 Hz" },
      { name: "B07", terminal: "B", state: "Free", power: "400 Hz" },
      { name: "C22", terminal: "C", aircraft: "MD82", state: "Boarding", power: "Mobile unit" },
      { name: "C24", terminal: "C", state: "Closed", power: "Out of order" },
      { name: "E09", terminal: "E", aircraft: "B752", state: "Turnaround", power: "400 Hz" },
    ],
    teams: [
      { name: "East ramp", area: "Terminals A and C", people: ["Luis Ortega", "Nina Walsh", "Curtis Boyd"] },
      { name: "West ramp", area: "Terminals B and E", people: ["Grace Lindqvist", "Omar Siddiqui"] },
      { name: "Wildlife control", area: "Airfield", people: ["Priya Raman", "Tom Becker"] },
    ],
    messages: [
      {
        from: "Tower liaison",
        time: "07:12",
        text: "South flow until further notice. Next runway change not before 10:00.",
      },
      {
        from: "Priya Raman",
        time: "06:58",
        text: "Pond cleared, two dispersals, no strikes. Checking again at 08:30.",
      },
      {
        from: "Luis Ortega",
        time: "06:20",
        text: "C24 stays closed: ground power unit waits for a part. Use C26 for the 09:10.",
      },
    ],
  },
  ORD: {
    runways: "22R · 32L",
    wind: "250° at 17 kt",
    notes: [
      { time: "05:25", text: "Snow removal on taxiway T finished; braking action reported as good." },
      {
        time: "06:30",
        text: "Gulls on the north field after last night’s rain. Patrol stays until the sweep is done.",
      },
      { time: "06:50", text: "De-icing pad 2 has one truck less until noon." },
    ],
    contacts: [
      { name: "Hannah Kowalski", duty: "Ramp supervisor, concourse H", extension: "4415" },
      { name: "Marcus Bell", duty: "Wildlife control", extension: "4472" },
      { name: "Yuki Tanaka", duty: "De-icing and fuel", extension: "4436" },
    ],
    gates: [
      { name: "B08", terminal: "1", aircraft: "B733", state: "Boarding", power: "400 Hz" },
      { name: "B11", terminal: "1", aircraft: "A320", state: "Turnaround", power: "400 Hz" },
      { name: "C19", terminal: "1", state: "Free", power: "400 Hz" },
      { name: "F04", terminal: "2", aircraft: "CRJ2", state: "Boarding", power: "Mobile unit" },
      { name: "H12", terminal: "3", aircraft: "MD82", state: "Turnaround", power: "400 Hz" },
      { name: "K05", terminal: "3", state: "Closed", power: "Jet bridge repair" },
    ],
    teams: [
      { name: "Concourse B and C", area: "Terminal 1", people: ["Rosa Jimenez", "Peter Novak"] },
      {
        name: "Concourse H and K",
        area: "Terminal 3",
        people: ["Hannah Kowalski", "Dean Archer", "Lily Tran"],
      },
      { name: "Wildlife control", area: "Airfield", people: ["Marcus Bell", "Anne Fournier"] },
    ],
    messages: [
      {
        from: "Tower liaison",
        time: "07:05",
        text: "Ground delay programme for arrivals lifted. Departures on time from 07:30.",
      },
      {
        from: "Yuki Tanaka",
        time: "06:52",
        text: "Pad 2 runs with three trucks; please send heavies to pad 1.",
      },
      {
        from: "Marcus Bell",
        time: "06:41",
        text: "North field swept. One strike report on 32L filed, no damage.",
      },
    ],
  },
};

const quiet: Airport = {
  runways: "–",
  wind: "–",
  notes: [],
  contacts: [],
  gates: [],
  teams: [],
  messages: [],
};

/** An airport's own content; an empty one for an airport that is not in the demo. */
export function airportOf(code: string): Airport {
  return airports[code] ?? quiet;
}
