pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// Numbered steps.
Column {
    id: steps

    property var texts: []
    property int size: Theme.bodyText

    spacing: Theme.mm(3)
    width: parent?.width ?? 0

    Repeater {
        model: steps.texts

        Item {
            id: step

            required property int index
            required property string modelData

            implicitHeight: words.implicitHeight
            width: steps.width

            Label {
                bold: true
                color: Theme.accent
                size: steps.size
                text: (step.index + 1) + "."
            }
            Label {
                id: words

                anchors.left: parent.left
                anchors.leftMargin: Theme.mm(10)
                anchors.right: parent.right
                even: true
                size: steps.size
                text: step.modelData
            }
        }
    }
}
