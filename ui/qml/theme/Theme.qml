pragma Singleton
import QtQuick

// Design tokens. Lengths are millimetres on the real display; colours come in a standard and a high-contrast set.
QtObject {
    id: theme

    readonly property bool contrast: Bridge.comfort.highContrast
    readonly property real pixelsPerMm: Bridge.site.pixelsPerMm

    function mm(length: real): int {
        return Math.max(1, Math.round(length * pixelsPerMm));
    }

    // --- text: em sizes. Body text doubles; what is large already grows less, so that a long word still fits a line.
    readonly property real growth: Bridge.comfort.textPercent / 100
    readonly property real headGrowth: 1 + (growth - 1) * 0.6
    readonly property bool enlarged: growth > 1
    readonly property int displayText: mm(31 * headGrowth)
    readonly property int titleText: mm(17.2 * headGrowth)
    readonly property int headingText: mm(12.2 * headGrowth)
    readonly property int bodyText: mm(10 * growth)
    readonly property int supportText: mm(9.4 * growth)
    readonly property int smallText: mm(8.8 * growth)
    readonly property int captionText: mm(7.6 * growth)

    function familyOf(tag: string): string {
        return tag === "zh-Hant" ? "Noto Sans CJK HK" : tag === "zh-Hans" ? "Noto Sans CJK SC" : "Noto Sans";
    }
    readonly property string family: familyOf(Words.language)

    function fontOf(size: int, bold: bool): font {
        return Qt.font({
            "bold": bold,
            "family": family,
            "pixelSize": size
        });
    }

    // --- lengths
    readonly property int margin: mm(15.5)
    readonly property int gap: mm(4.4)
    readonly property int wideGap: mm(8.8)
    readonly property int hairline: mm(0.55)
    readonly property int line: mm(0.85)
    readonly property int thickLine: mm(1.4)
    readonly property int radius: mm(4.4)
    readonly property int smallRadius: mm(3.3)
    readonly property int target: mm(20)
    readonly property int tile: mm(34.3)
    readonly property int button: mm(35.4)
    readonly property int barItem: mm(34.3)
    readonly property int icon: mm(10.5)
    readonly property int badge: mm(22.2)

    // --- colours
    readonly property color page: contrast ? "#000000" : "#F6F7F9"
    readonly property color surface: contrast ? "#000000" : "#FFFFFF"
    readonly property color text: contrast ? "#FFFFFF" : "#0E1B2E"
    readonly property color muted: contrast ? "#FFFFFF" : "#45566D"
    readonly property color accent: contrast ? "#FFD84A" : "#1553A6"
    readonly property color accentPressed: contrast ? "#FFE994" : "#0F3F80"
    readonly property color accentInk: contrast ? "#000000" : "#FFFFFF"
    readonly property color soft: contrast ? "#332B00" : "#E4EEFB"
    readonly property color softPressed: contrast ? "#4D4100" : "#CFE0F6"
    readonly property color divider: contrast ? "#FFFFFF" : "#CBD5E1"
    readonly property color outline: contrast ? "#FFFFFF" : "#7C8CA1"
    readonly property color barOutline: contrast ? "#FFFFFF" : "#7C8CA1"
    readonly property color band: contrast ? "#000000" : "#0B2447"
    readonly property color bandCard: contrast ? "#000000" : "#16396B"
    readonly property color bandPressed: contrast ? "#332B00" : "#1D4886"
    readonly property color bandInk: "#FFFFFF"
    readonly property color bandInkMuted: contrast ? "#FFFFFF" : "#C8DCF7"
    readonly property color bandOutline: contrast ? "#FFFFFF" : "#7F9DC8"
    readonly property color stepDone: contrast ? "#FFD84A" : "#8FC1FF"
    readonly property color stepNow: "#FFFFFF"
    readonly property color stepNext: contrast ? "#555555" : "#3A5278"
    readonly property color emergency: contrast ? "#FF6678" : "#C4122F"
    readonly property color emergencyPressed: contrast ? "#FF8A98" : "#9C0E25"
    readonly property color emergencyInk: contrast ? "#000000" : "#FFFFFF"
    readonly property color success: contrast ? "#6EE7A8" : "#0B6B43"
    readonly property color caution: contrast ? "#FFD84A" : "#7A4100"
    readonly property color cautionSoft: contrast ? "#332B00" : "#FFF1D6"
    readonly property color highlight: "#FFC46B"
    readonly property color focus: contrast ? "#7FE3FF" : "#0E1B2E"
    readonly property color focusOnBand: contrast ? "#7FE3FF" : "#FFFFFF"
    readonly property color keyboard: contrast ? "#000000" : "#DFE5EC"
    readonly property color key: contrast ? "#1F1F1F" : "#FFFFFF"
    readonly property color keySpecial: contrast ? "#3D3D3D" : "#B9C5D3"
    readonly property color scrim: contrast ? "#E6000000" : "#B30B2447"
}
