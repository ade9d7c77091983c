import QtQuick
import "../controls"
import "../theme"

// One key. What is drawn on it is a word, an icon or the character itself, with a small legend in the corner.
Pressable {
    id: cap

    property string name: ""
    property string role: "insert"
    property string label: ""
    property string corner: ""
    property string iconName: ""
    property bool chosen: false
    property bool large: false
    property bool word: false
    readonly property real growth: Math.min(1.2, Theme.growth)
    readonly property bool plain: role === "insert" || role === "compose"
    readonly property color ink: chosen ? Theme.accentInk : Theme.text
    readonly property int wordSize: Theme.mm((label.indexOf("\n") < 0 ? 7.6 : 5.7) * growth)
    readonly property int characterSize: Math.min(Theme.mm((large ? 17 : 11) * growth), height * 0.56)

    objectName: "key:" + name
    padding: Theme.mm(1.1)
    repeatTime: 25  // a bouncing panel is quicker than a finger that types a letter twice
    say: label

    background: Rectangle {
        border.color: Theme.divider
        border.width: Theme.contrast ? Theme.hairline : 0
        color: cap.pressed ? (cap.chosen ? Theme.accentPressed : Theme.softPressed) : cap.chosen ? Theme.accent : cap.plain ? Theme.key : Theme.keySpecial
        radius: Theme.smallRadius
    }
    contentItem: Item {
        Text {
            Accessible.ignored: true
            anchors.fill: parent
            anchors.leftMargin: Theme.mm(0.6)
            anchors.rightMargin: Theme.mm(0.6)
            color: cap.ink
            font.bold: cap.role === "done"
            font.family: Theme.family
            font.pixelSize: cap.word ? Math.min(cap.wordSize, cap.height * 0.5) : cap.characterSize
            fontSizeMode: Text.HorizontalFit
            lineHeight: 0.95
            horizontalAlignment: Text.AlignHCenter
            minimumPixelSize: Theme.mm(4)
            text: cap.label
            textFormat: Text.PlainText
            verticalAlignment: Text.AlignVCenter
            visible: cap.iconName === ""
        }
        Text {
            Accessible.ignored: true
            anchors.right: parent.right
            anchors.rightMargin: Theme.mm(0.8)
            anchors.top: parent.top
            color: Theme.muted
            font.family: Theme.family
            font.pixelSize: Math.min(Theme.mm(5.6), cap.height * 0.27)
            text: cap.corner
            textFormat: Text.PlainText
            visible: text !== ""
        }
        Icon {
            anchors.centerIn: parent
            colour: cap.ink
            name: cap.iconName
            size: Math.min(Theme.mm(9), cap.height * 0.5)
            visible: cap.iconName !== ""
        }
    }
}
