// The words.
#include "host/synth/words.h"

namespace mote::synth {
namespace {

constexpr std::string_view kWords[] = {
    "about",    "above",    "accept",    "across",    "action",   "address",    "after",     "again",     "airport",
    "alarm",    "album",    "alex",      "alexander", "alive",    "allow",      "almost",    "along",     "alter",
    "always",   "amber",    "animal",    "answer",    "antenna",  "any",        "apple",     "april",     "arrow",
    "artist",   "ask",      "autumn",    "awake",     "baby",     "bacon",      "bad",       "bag",       "baker",
    "balance",  "banana",   "band",      "basil",     "basket",   "battery",    "beach",     "bed",       "before",
    "begin",    "bell",     "better",    "big",       "bill",     "bird",       "birthday",  "black",     "blanket",
    "blue",     "boat",     "body",      "book",      "bottle",   "box",        "bread",     "breakfast", "bridge",
    "bright",   "brother",  "brown",     "button",    "cabin",    "cable",      "calendar",  "call",      "camera",
    "camel",    "candle",   "cannot",    "captain",   "car",      "carpet",     "cartoon",   "castle",    "cat",
    "ceiling",  "cell",     "center",    "chair",     "change",   "cheap",      "chemical",  "cheese",    "chicken",
    "child",    "chimney",  "church",    "cinema",    "circle",   "city",       "clean",     "clock",     "cloud",
    "coffee",   "cold",     "collect",   "color",     "come",     "computer",   "contact",   "cook",      "copper",
    "corner",   "cotton",   "country",   "cousin",    "cream",    "crystal",    "cup",       "curtain",   "dance",
    "danger",   "dark",     "daughter",  "day",       "decide",   "deep",       "dental",    "desert",    "desk",
    "detail",   "dinner",   "dinosaur",  "direct",    "dish",     "doctor",     "dog",       "dollar",    "dolphin",
    "door",     "double",   "down",      "dragon",    "dream",    "dress",      "drive",     "early",     "earth",
    "east",     "easy",     "echo",      "edge",      "effort",   "egg",        "eight",     "elbow",     "electric",
    "elephant", "eleven",   "email",     "empty",     "engine",   "enjoy",      "enough",    "evening",   "every",
    "example",  "eye",      "face",      "factory",   "fall",     "family",     "famous",    "farm",      "father",
    "feather",  "fifty",    "final",     "finger",    "finish",   "fire",       "fish",      "five",      "flower",
    "fly",      "follow",   "food",      "forest",    "forget",   "four",       "friday",    "friend",    "fruit",
    "funny",    "garage",   "garden",    "gentle",    "giant",    "ginger",     "give",      "glass",     "gold",
    "good",     "grandma",  "grape",     "grass",     "gravel",   "green",      "guitar",    "hair",      "hammer",
    "hand",     "happy",    "harbor",    "heart",     "heavy",    "hello",      "helmet",    "help",      "hey",
    "hill",     "history",  "holiday",   "honey",     "horse",    "hospital",   "hotel",     "house",     "hundred",
    "hungry",   "ice",      "idea",      "imagine",   "inch",     "individual", "inside",    "island",    "jacket",
    "january",  "jelly",    "job",       "journey",   "juice",    "jump",       "kettle",    "key",       "kitchen",
    "kitten",   "knee",     "ladder",    "lake",      "lamp",     "language",   "laptop",    "laugh",     "lemon",
    "lesson",   "letter",   "level",     "library",   "light",    "lime",       "linen",     "listen",    "little",
    "london",   "look",     "lucky",     "machine",   "magic",    "mail",       "mango",     "maple",     "market",
    "marvin",   "mean",     "medal",     "melon",     "melody",   "memory",     "mental",    "message",   "metal",
    "middle",   "midnight", "milk",      "mineral",   "minimal",  "minute",     "mirror",    "model",     "modern",
    "monday",   "money",    "monkey",    "month",     "moon",     "morning",    "motion",    "motor",     "mountain",
    "movie",    "museum",   "music",     "naked",     "name",     "napkin",     "nation",    "near",      "neck",
    "needle",   "never",    "new",       "nice",      "nickel",   "night",      "nine",      "nobody",    "noise",
    "normal",   "north",    "number",    "nylon",     "ocean",    "office",     "often",     "oil",       "okay",
    "old",      "olive",    "onion",     "open",      "orange",   "order",      "other",     "oven",      "owl",
    "page",     "paint",    "palace",    "panel",     "paper",    "parent",     "party",     "pencil",    "penny",
    "people",   "pepper",   "perfect",   "phone",     "piano",    "picnic",     "picture",   "pilot",     "pillow",
    "pink",     "pistol",   "planet",    "plastic",   "play",     "please",     "plenty",    "pocket",    "police",
    "pony",     "potato",   "power",     "present",   "pretty",   "prince",     "prison",    "problem",   "public",
    "puppy",    "purple",   "quarter",   "queen",     "question", "quick",      "quiet",     "rabbit",    "radio",
    "rain",     "random",   "reason",    "record",    "red",      "relax",      "remember",  "rental",    "repeat",
    "ribbon",   "river",    "robin",     "rocket",    "room",     "sail",       "salad",     "salmon",    "sample",
    "sand",     "saturday", "scissors",  "screen",    "season",   "second",     "secret",    "sentinel",  "seven",
    "several",  "shadow",   "sheep",     "shelf",     "shiny",    "shoulder",   "signal",    "silent",    "silver",
    "similar",  "simple",   "sister",    "skinny",    "sleep",    "slow",       "small",     "smell",     "smile",
    "snow",     "social",   "something", "song",      "south",    "speaker",    "special",   "spell",     "spider",
    "spinal",   "spoon",    "spring",    "square",    "stairs",   "start",      "station",   "stop",      "storm",
    "story",    "street",   "student",   "sugar",     "summer",   "sunday",     "sunny",     "super",     "sweet",
    "table",    "tall",     "tea",       "teacher",   "tell",     "temple",     "ten",       "tennis",    "terminal",
    "thank",    "theater",  "thirty",    "three",     "thunder",  "ticket",     "tiger",     "timber",    "time",
    "timing",   "tin",      "tinfoil",   "tinsel",    "tiny",     "title",      "today",     "together",  "tomato",
    "tomorrow", "tonight",  "tower",     "town",      "tractor",  "traffic",    "train",     "travel",    "treasure",
    "tree",     "trouble",  "tunnel",    "turn",      "turtle",   "twelve",     "twenty",    "two",       "umbrella",
    "uncle",    "under",    "until",     "upper",     "useful",   "valley",     "velvet",    "vinyl",     "violin",
    "visit",    "voice",    "volume",    "wagon",     "wait",     "wallet",     "warm",      "water",     "wedding",
    "week",     "welcome",  "west",      "whale",     "wheel",    "whisper",    "white",     "window",    "winter",
    "wisdom",   "wonder",   "wooden",    "word",      "world",    "yellow",     "yesterday", "young",     "zebra",
    "zero"};

}  // namespace

std::span<const std::string_view> words() { return kWords; }

}  // namespace mote::synth
