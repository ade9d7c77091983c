pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// The call of an officer, on every screen while it lasts. Screens of no visit say it in every language.
Rectangle {
    id: line

    property bool everyLanguage: false
    readonly property color edge: Calls.lost ? Theme.caution : Theme.accent

    Accessible.name: Calls.said(Words.language)
    Accessible.role: Accessible.AlertMessage
    color: Calls.lost ? Theme.cautionSoft : Theme.soft
    implicitHeight: Math.max(picture.height, sentences.implicitHeight) + 2 * Theme.mm(5)

    Rectangle {
        color: line.edge
        height: Theme.line
        width: parent.width
    }
    Icon {
        id: picture

        anchors.left: parent.left
        anchors.leftMargin: Theme.margin
        anchors.verticalCenter: parent.verticalCenter
        colour: line.edge
        name: Calls.icon
        size: Theme.mm(12 * Theme.headGrowth)
    }
    Column {
        id: sentences

        anchors.left: picture.right
        anchors.leftMargin: Theme.mm(6)
        anchors.right: parent.right
        anchors.rightMargin: Theme.margin
        anchors.verticalCenter: parent.verticalCenter
        spacing: Theme.mm(1.5)

        Repeater {
            model: line.everyLanguage ? Bridge.site.languages : [Words.language]

            Label {
                required property string modelData

                Accessible.ignored: true
                bold: !Calls.lost
                color: Calls.lost && !Theme.contrast ? Theme.caution : Theme.text
                even: true
                font.family: Theme.familyOf(modelData)
                size: line.everyLanguage ? Theme.mm(9.4) : Theme.supportText
                text: Calls.said(modelData)
                width: sentences.width
            }
        }
    }
}
