pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// A screen without a way on: large, calm, in every language.
Rectangle {
    id: farewell

    property string screenKey: ""
    property string iconName: ""
    property bool withDesk: false
    readonly property var tags: Bridge.site.languages

    anchors.fill: parent
    color: Theme.band

    Column {
        anchors.verticalCenter: parent.verticalCenter
        spacing: Theme.mm(16)
        width: Math.min(parent.width - 2 * Theme.mm(22), Theme.mm(360))
        x: (parent.width - width) / 2

        Rectangle {
            color: Theme.bandCard
            height: Theme.mm(41.5)
            radius: Theme.mm(9)
            width: height

            Icon {
                anchors.centerIn: parent
                colour: Theme.stepDone
                name: farewell.iconName
                size: Theme.mm(21)
            }
        }
        Repeater {
            model: farewell.tags

            Column {
                id: part

                required property int index
                required property string modelData
                readonly property string desk: Bridge.site.desk[modelData] ?? ""

                spacing: Theme.mm(2.5)
                width: parent.width

                Label {
                    Accessible.role: Accessible.Heading
                    bold: true
                    color: Theme.bandInk
                    font.family: Theme.familyOf(part.modelData)
                    size: Theme.mm(part.index === 0 ? 22 : 15)
                    text: Words.spoken(part.modelData, farewell.screenKey + ".title")
                    width: parent.width
                }
                Label {
                    color: Theme.bandInkMuted
                    font.family: Theme.familyOf(part.modelData)
                    size: Theme.mm(10)
                    text: Words.spoken(part.modelData, farewell.screenKey + ".help")
                    width: parent.width
                }
                Label {
                    color: Theme.bandInk
                    font.family: Theme.familyOf(part.modelData)
                    size: Theme.mm(10)
                    text: Words.spoken(part.modelData, "out_of_service.desk") + " " + part.desk
                    visible: farewell.withDesk && part.desk !== ""
                    width: parent.width
                }
                Label {
                    color: Theme.bandInk
                    font.family: Theme.familyOf(part.modelData)
                    size: Theme.mm(10)
                    text: Words.spoken(part.modelData, "out_of_service.emergency")
                    visible: farewell.withDesk
                    width: parent.width
                }
            }
        }
    }
}
