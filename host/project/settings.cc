// The table of project settings.
#include "host/project/settings.h"

namespace mote {
namespace {

using enum SettingType;

constexpr SettingSection kSections[] = {
    {"data", "What is learned from. `mote data --help`"},
    {"signal", "From samples to rows of features; the chip runs the same code"},
    {"augmentation", "What is done to training clips, differently in every epoch; a probability of 0 turns a step off"},
    {"model", "The network"},
    {"training", "How it learns"},
    {"detector", "From the network's outputs to detections, on the chip and in `mote test`"},
    {"target", "Where it shall run"},
};

constexpr Setting kSettings[] = {
    {"data", "folder", text, "\"data\"", "Where imported data lies, from this file"},
    {"data", "kind", text, "\"sound\"", "What examples are", "sound|series|image"},
    {"data", "sample_rate_hz", integer, "16000", "Sound is resampled to this", {}, 1000, 192000},
    {"data",
     "clip_ms",
     integer,
     "1000",
     "What the model hears at once; shorter clips are padded, of longer ones the loudest part is taken",
     {},
     20,
     60000},
    {"data", "min_ms", integer, "50", "Shorter recordings are refused", {}, 0, 60000},
    {"data", "max_s", integer, "7200", "Longer recordings are refused", {}, 1, 86400},
    {"data", "classes", texts, "[]",
     "Labels to tell apart, in the model's order; others count as _unknown_. Empty: all labels there are"},
    {"data",
     "validation_percent",
     integer,
     "10",
     "Share of speakers, voices or recordings held out for choosing",
     {},
     0,
     90},
    {"data", "test_percent", integer, "10", "Share held out for the final figures", {}, 0, 90},

    {"signal", "block", text, "\"mfe\"", "Kind of features", "spectrogram|mfe|mfcc|pcen|micro"},
    {"signal", "frame_ms", real, "32", "Length of a frame", {}, 1, 1000},
    {"signal", "hop_ms", real, "16", "From one frame to the next", {}, 1, 1000},
    {"signal", "window", text, "\"hann\"", "Shape of a frame", "hann|hamming"},
    {"signal", "pre_emphasis", real, "0", "Share of the previous sample that is taken away", {}, 0, 1},
    {"signal", "bands", integer, "40", "Mel bands", {}, 1, 128},
    {"signal", "low_hz", real, "20", "Where the lowest band begins", {}, 0, 96000},
    {"signal", "high_hz", real, "0", "Where the highest ends; 0: half the sample rate", {}, 0, 96000},
    {"signal", "mel_scale", text, "\"htk\"", "Spacing of the bands", "htk|slaney"},
    {"signal", "floor_log2", real, "0", "Least log2 of an energy, in squared steps of a sample", {}, -60, 60},
    {"signal", "coefficients", integer, "13", "Of block mfcc", {}, 1, 128},
    {"signal", "delta_reach", integer, "0", "Frames to either side that slopes look at; 0: no slopes", {}, 0, 8},
    {"signal", "delta_orders", integer, "1", "2: slopes of slopes too", {}, 1, 2},
    {"signal", "micro_tables", text, "\"library\"",
     "Of block micro: as microWakeWord's C library or as micro_speech's graph", "library|graph"},

    {"augmentation", "noise_probability", real, "0.8", "Background noise, from recordings labelled _noise_", {}, 0, 1},
    {"augmentation", "noise_min_db", real, "0", "Least signal-to-noise ratio", {}, -40, 100},
    {"augmentation", "noise_max_db", real, "25", "Greatest", {}, -40, 100},
    {"augmentation", "gain_min_db", real, "-12", "Least gain", {}, -60, 40},
    {"augmentation", "gain_max_db", real, "6", "Greatest", {}, -60, 40},
    {"augmentation", "shift_ms", real, "100", "Furthest shift in time, either way", {}, 0, 10000},
    {"augmentation", "speed_probability", real, "0.3", "Faster and higher, or slower and lower", {}, 0, 1},
    {"augmentation", "speed_percent", real, "10", "By at most so much", {}, 0, 50},
    {"augmentation", "pitch_probability", real, "0.2", "Higher or lower at the same speed", {}, 0, 1},
    {"augmentation", "pitch_semitones", real, "2", "By at most so much", {}, 0, 12},
    {"augmentation", "band_stop_probability", real, "0.1", "A band of frequencies is missing", {}, 0, 1},
    {"augmentation", "room_probability", real, "0.3", "Echoes of a room", {}, 0, 1},
    {"augmentation", "room_folder", text, "\"\"",
     "WAV files of room impulse responses, from this file; empty: rooms are computed"},
    {"augmentation", "time_masks", integer, "1", "SpecAugment: stretches of rows that are blanked", {}, 0, 10},
    {"augmentation", "time_mask_rows", integer, "5", "Longest of them", {}, 0, 1000},
    {"augmentation", "band_masks", integer, "1", "SpecAugment: stretches of bands that are blanked", {}, 0, 10},
    {"augmentation", "band_mask_bands", integer, "4", "Widest of them", {}, 0, 128},

    {"model", "name", text, "\"ds_cnn\"",
     "dnn: dense layers; cnn1d: convolutions over time; ds_cnn: depthwise separable; causal: only looks back",
     "dnn|cnn1d|ds_cnn|causal"},
    {"model", "filters", integer, "48", "Channels of convolutions", {}, 4, 512},
    {"model", "blocks", integer, "4", "Convolution blocks", {}, 1, 16},
    {"model", "units", texts, "[\"128\", \"64\", \"32\"]", "Units of the layers of a dnn"},
    {"model", "dropout", real, "0.1", "Share of values that training leaves out before the last layer", {}, 0, 0.9},

    {"training", "epochs", integer, "30", "At most so many in float", {}, 1, 10000},
    {"training",
     "quantized_epochs",
     integer,
     "10",
     "At most so many after them in which the network computes as in int8; 0: quantised afterwards only",
     {},
     0,
     10000},
    {"training", "patience", integer, "8", "Epochs without progress before the next stage", {}, 1, 10000},
    {"training", "batch", integer, "64", "Examples between two steps", {}, 2, 65536},
    {"training", "learning_rate", real, "0.003", "The greatest; it falls along a cosine", {}, 1e-7, 1},
    {"training", "weight_decay", real, "0.0001", "How strongly weights are pulled to 0", {}, 0, 1},
    {"training", "label_smoothing", real, "0.05", "Share of certainty that is taken from labels", {}, 0, 0.9},
    {"training", "mixup", real, "0", "Share of batches whose examples are blended in pairs", {}, 0, 1},
    {"training", "class_weights", flag, "true", "Rare classes count as much as common ones"},
    {"training", "variants", integer, "4", "Augmented versions of each clip, taken in turn by the epochs", {}, 1, 100},
    {"training", "seed", integer, "1", "Of everything random", {}, 0, 2147483647},
    {"training", "threads", integer, "2", "For computing; results depend on it in the last bits", {}, 1, 256},
    {"training", "ranges", text, "\"mse\"", "With quantized_epochs = 0: how ranges of activations are found",
     "min_max|percentile|mse"},

    {"detector", "keyword", text, "\"\"", "The class that is listened for; empty: the first"},
    {"detector", "stride_rows", integer, "3", "Rows of features between two decisions", {}, 1, 1000},
    {"detector", "smoothing", integer, "4", "Decisions whose mean counts", {}, 1, 64},
    {"detector", "cooldown_ms", integer, "1000", "Silence after a detection", {}, 0, 60000},
    {"detector", "false_accepts_per_hour", real, "0.5", "What the threshold is chosen for", {}, 0, 10000},
    {"detector", "threshold_percent", real, "0", "Stated instead of chosen; 0: chosen", {}, 0, 100},

    {"target", "board", text, "\"mps2-an386\"", "`mote boards` lists them"},
    {"target", "hardware", text, "\"\"",
     "A board that one can buy with the same core, for time and energy; docs/guides/energy.md"},
    {"target", "optimize", text, "\"balanced\"", "What the compiler makes small", "latency|ram|flash|balanced"},
};

}  // namespace

std::span<const SettingSection> setting_sections() { return kSections; }
std::span<const Setting> settings() { return kSettings; }

}  // namespace mote
