import QtQuick
import "../theme"

// A language by its own name in its own script.
SecondaryButton {
    id: control

    required property string tag
    property real growth: Theme.headGrowth

    objectName: "language:" + tag
    text: Words.spoken(tag, "language.name")

    contentItem: Item {
        implicitHeight: name.implicitHeight
        implicitWidth: name.implicitWidth

        Label {
            id: name

            anchors.centerIn: parent
            bold: true
            color: control.ink
            font.family: Theme.familyOf(control.tag)
            horizontalAlignment: Text.AlignHCenter
            size: Theme.mm(13 * control.growth)
            text: control.text
            width: Math.min(Math.ceil(implicitWidth), control.availableWidth)
        }
    }
}
